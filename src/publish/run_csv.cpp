#include <fmt/format.h>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "publish/rows.hpp"
#include "publish/run_tables.hpp"

namespace meterveil::publish {
namespace {

/// Rows of this rank's units of a level at a resolution.
std::string rows_text(const model::Release& release, const model::ReleasedChannel& channel, std::uint32_t level, const model::Resolution& resolution,
                      const model::Calendar& calendar) {
    const LevelRows rows = rows_of_level(channel, level);
    const auto& finest = release.resolutions()[0];
    const auto times = table_times(bin_starts_s(release, resolution), calendar);
    std::string text;
    for (std::uint64_t r = rows.first_owned; r < rows.first_owned + rows.num_owned; ++r) {
        const auto& unit = channel.units[rows.units[r]];
        text += table_lines(unit.name, unit.is_cohort, unit.contributors, times, at_resolution(channel.row(rows.units[r], finest.num_bins()), finest, resolution));
    }
    return text;
}

std::string nodes_text(const model::Release& release) {
    std::string text(nodes_header);
    for (const auto& channel : release.channels())
        for (const auto& fate : channel.fates)
            text += fmt::format("{},{},{},{},{},{}\n", channel.name(), fate.level, quoted(fate.node), fate.status, quoted(fate.merged_with), fate.rule);
    return text;
}

}  // namespace

Result<> write_in_order(par::Comm& comm, const io::Path& path, const std::string& text) {
    const auto sizes = par::all_gather(comm, std::vector<std::uint64_t>{text.size()});
    std::uint64_t offset = 0;
    for (int r = 0; r < comm.rank(); ++r) offset += sizes[static_cast<std::size_t>(r)][0];
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() == 0) TRY_DO(io::File::open(path, io::File::Mode::create_new));
        return {};
    }));
    return par::agree_on(comm, [&]() -> Result<> {
        TRY(auto file, io::File::open(path, io::File::Mode::write_existing));
        TRY_DO(file.write_at(offset, std::as_bytes(std::span(text))));
        TRY_DO(file.sync());
        return file.close();
    });
}

Result<> write_tables(par::Comm& comm, const model::Release& release, const model::Calendar& calendar, const io::Path& folder) {
    for (const auto& channel : release.channels())
        for (const std::uint32_t level : levels_with_rows(channel))
            for (const auto& resolution : release.resolutions()) {
                if (rows_of_level(channel, level).units.size() * resolution.num_bins() > max_table_rows) continue;
                const auto path = folder / table_name(channel.channel, channel.by_class, release.levels_of(channel)[level], resolution.name);
                TRY(const std::string text, par::agree_on(comm, [&]() -> Result<std::string> {
                        const std::string header(comm.rank() == 0 ? table_header : "");
                        return header + rows_text(release, channel, level, resolution, calendar);
                    }));
                TRY_DO(write_in_order(comm, path, text));
            }
    return write_in_order(comm, folder / "nodes.csv", comm.rank() == 0 ? nodes_text(release) : "");
}

}  // namespace meterveil::publish
