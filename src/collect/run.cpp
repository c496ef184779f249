#include "meterveil/collect/run.hpp"

#include <algorithm>

#include "collect/run_fetch.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::collect {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};

Result<> read(Secrets& secrets, const Web& web) {
    for (const std::string& path : {web.ca, web.client_certificate})
        if (!path.empty()) TRY_DO(read_public(path));
    TRY_DO(secrets.read(web.client_key, false));
    TRY_DO(secrets.read(web.bearer, true));
    return web.oauth2 ? secrets.read(web.oauth2->client_secret, true) : Result<>();
}

/// Every secret, before anything is fetched: one that is no good is known at once, and a descriptor is read but once.
Result<> read(Secrets& secrets, const Source& source) {
    return std::visit(Overloaded{
        [](const FolderSource&) { return Result<>(); },
        [&](const HttpsSource& what) { return read(secrets, what.web); },
        [&](const GreenButtonSource& what) { return read(secrets, what.web); },
        [&](const S3Source& what) -> Result<> {
            TRY_DO(read(secrets, what.web));
            TRY_DO(secrets.read(what.secret_access_key, true));
            return secrets.read(what.session_token, true);
        },
        [&](const PostgresqlSource& what) { return secrets.read(what.password, true); },
    }, source.what);
}

Result<> visit_source(Visit& visit) {
    TRY_DO(std::visit(Overloaded{
        [&](const FolderSource& what) { return visit_folder(visit, what); },
        [&](const HttpsSource& what) { return visit_https(visit, what); },
        [&](const GreenButtonSource& what) { return visit_green_button(visit, what); },
        [&](const S3Source& what) { return visit_s3(visit, what); },
        [&](const PostgresqlSource& what) { return visit_postgresql(visit, what); },
    }, visit.source.what));
    TRY(visit.report.withdrawn, visit.output.withdraw_others(visit.source.name, visit.paths));
    return {};
}

/// Others may still be fetched after it.
bool is_of_source(Code code) { return code == Code::input || code == Code::usage; }

}  // namespace

const char* kind_of(const Source& source) {
    constexpr const char* names[] = {"folder", "https", "green-button-connect", "s3", "postgresql"};
    return names[source.what.index()];
}

Result<Report> run(const std::vector<Source>& sources, const std::string& folder, const std::atomic<bool>& stop) {
    Secrets secrets;
    for (const Source& source : sources) TRY_DO(read(secrets, source));
    TRY(Output output, Output::open(folder));
    Report report{output.manifest_path(), {}};
    for (const Source& source : sources) {
        SourceReport& of_source = report.sources.emplace_back(SourceReport{source.name, kind_of(source), 0, 0, 0, 0, {}});
        Visit visit{source, secrets, stop, output, of_source, {}};
        const auto outcome = par::outcome_of([&] { return visit_source(visit); });
        if (!outcome.ok()) of_source.error = outcome.error();
        TRY_DO(output.save());
        if (!outcome.ok() && !is_of_source(outcome.error().code)) break;
    }
    const bool all_went_well =
        std::none_of(report.sources.begin(), report.sources.end(), [](const SourceReport& each) { return each.error.has_value(); });
    if (all_went_well) TRY_DO(output.tidy());
    return report;
}

}  // namespace meterveil::collect
