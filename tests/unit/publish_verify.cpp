#include "meterveil/publish/verify.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "meterveil/io/posix.hpp"
#include "publish/documents.hpp"
#include "scratch.hpp"
#include "small_release.hpp"

namespace meterveil::publish {
namespace {

namespace fs = std::filesystem;
using testing::Scratch;
using testing::SmallRelease;

/// A copy of the small release, to be tampered with.
class Copy {
public:
    Copy() { fs::copy(original(), folder_, fs::copy_options::recursive); }

    [[nodiscard]] const fs::path& folder() const { return folder_; }
    [[nodiscard]] std::string read(const std::string& name) const { return io::read_text(folder_ / name).value(); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }

    /// Replaces the first `most` places where `old` stands; there must be one.
    void replace(const std::string& name, const std::string& old, const std::string& text, int most = 1 << 30) const {
        std::string content = read(name);
        int count = 0;
        for (std::size_t at = 0; count < most && (at = content.find(old, at)) != std::string::npos; at += text.size(), ++count) content.replace(at, old.size(), text);
        ASSERT_GT(count, 0) << name << " does not hold " << old;
        write(name, content);
    }
    void edit_manifest(const std::function<void(nlohmann::json&)>& edit) const {
        auto manifest = nlohmann::json::parse(read("manifest.json"));
        edit(manifest);
        write("manifest.json", manifest.dump(2));
    }
    /// Makes sizes and checksums fit again, as somebody does who knows how a release is made.
    void seal() const {
        std::vector<FileEntry> files;
        edit_manifest([&](nlohmann::json& manifest) {
            manifest["files"] = nlohmann::json::array();
            for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
                const std::string path = entry.path().lexically_relative(folder_).string();
                if (!entry.is_regular_file() || path == "manifest.json" || path == "SHA256SUMS") continue;
                files.push_back({path, io::sha256_of_file(entry.path()).value(), entry.file_size()});
                manifest["files"].push_back({{"path", path}, {"sha256", files.back().sha256}, {"bytes", files.back().bytes}});
            }
        });
        files.push_back({"manifest.json", io::sha256_of_file(folder_ / "manifest.json").value(), 0});
        write("SHA256SUMS", sums_text(files));
    }
    /// Names of the checks that fail.
    [[nodiscard]] std::set<std::string> failures() const {
        const auto checks = verify(folder_.string());
        if (!checks.ok()) return {"error: " + checks.error().what};
        std::set<std::string> names;
        for (const Check& check : checks.value()) {
            EXPECT_FALSE(check.detail.empty()) << check.name;
            if (!check.passes) names.insert(check.name);
        }
        return names;
    }

private:
    static fs::path original() {
        static const Scratch scratch;
        static const std::string folder = [] {
            std::string made;
            par::run_on_threads(1, [&](par::Comm& comm) {
                const SmallRelease small;
                made = run(comm, small.release(comm), small.forecast(comm), small.dossier(), {scratch.path().string(), small.calendar}).value();
            });
            return made;
        }();
        return fs::path(folder).parent_path();
    }
    Scratch scratch_;
    fs::path folder_ = scratch_.path() / "small";
};

using Names = std::set<std::string>;

/// An int64 as it lies in an HDF5 file.
std::string bytes_of(std::int64_t value) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &value, 8);
    return bytes;
}

TEST(Verify, PassesTheCleanRelease) {
    const Copy copy;
    EXPECT_EQ(copy.failures(), Names());
    copy.seal();
    EXPECT_EQ(copy.failures(), Names());  // the twin of all that is tampered with and sealed below
}

TEST(Verify, FindsAChangedByteInEveryFile) {
    std::vector<std::string> names;
    {
        const Copy listing;
        for (const auto& entry : fs::recursive_directory_iterator(listing.folder()))
            if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(listing.folder()).string());
    }
    ASSERT_GT(names.size(), 20U);
    for (const std::string& name : names)
        for (const double where : {0.0, 0.6}) {
            const Copy copy;
            std::string content = copy.read(name);
            char& byte = content[static_cast<std::size_t>(where * static_cast<double>(content.size() - 1))];
            byte = static_cast<char>(byte ^ 1);
            copy.write(name, content);
            EXPECT_NE(copy.failures(), Names()) << name << " at " << where;
        }
}

TEST(Verify, FindsAFileThatIsOneTooManyOrMissing) {
    const Copy more;
    more.write("evidence/more.json", "{}");
    EXPECT_EQ(more.failures(), (Names{"checksums", "files"}));
    const Copy folder;
    fs::create_directory(folder.folder() / "empty");
    EXPECT_EQ(folder.failures(), Names{"files"});
    const Copy fewer;
    fs::remove(fewer.folder() / "evidence/utility.json");
    EXPECT_EQ(fewer.failures(), (Names{"checksums", "files"}));
    for (const char* needed : {"aggregates.h5", "forecast.h5", "tables/nodes.csv", "tables/region-1d.csv", "evidence/quality.json"}) {
        const Copy sealed;
        fs::remove(sealed.folder() / needed);
        sealed.seal();
        EXPECT_NE(sealed.failures(), Names()) << needed;
    }
}

TEST(Verify, FindsASizeThatIsNotThatOfTheFile) {
    const Copy copy;
    const std::string before = io::sha256_of_file(copy.folder() / "manifest.json").value();
    copy.edit_manifest([](nlohmann::json& manifest) { manifest["files"][3]["bytes"] = manifest["files"][3]["bytes"].get<std::uint64_t>() + 1; });
    copy.replace("SHA256SUMS", before, io::sha256_of_file(copy.folder() / "manifest.json").value());
    EXPECT_EQ(copy.failures(), Names{"files"});
}

TEST(Verify, NeverOpensWhatIsNotAPlainFile) {
    const Copy link, device, pipe, folder, listed;
    const std::string name = "evidence/utility.json";
    fs::rename(link.folder() / name, link.folder().parent_path() / "outside.json");
    fs::create_symlink(link.folder().parent_path() / "outside.json", link.folder() / name);
    EXPECT_TRUE(link.failures().contains("files"));
    fs::remove(device.folder() / name);
    fs::create_symlink("/dev/zero", device.folder() / name);  // without an end
    EXPECT_TRUE(device.failures().contains("files"));
    for (const char* file : {"evidence/utility.json", "aggregates.h5", "forecast.h5", "SHA256SUMS", "tables/nodes.csv"}) {
        fs::remove(pipe.folder() / file);
        ASSERT_EQ(mkfifo((pipe.folder() / file).c_str(), 0600), 0);  // whoever opens it waits for ever
    }
    EXPECT_TRUE(pipe.failures().contains("files"));
    fs::rename(folder.folder() / "tables", folder.folder().parent_path() / "tables");
    fs::create_directory_symlink(folder.folder().parent_path() / "tables", folder.folder() / "tables");
    EXPECT_TRUE(folder.failures().contains("files"));
    fs::remove(listed.folder() / "manifest.json");
    ASSERT_EQ(mkfifo((listed.folder() / "manifest.json").c_str(), 0600), 0);
    EXPECT_EQ(verify(listed.folder().string()).error().code, Code::input);
}

/// Tampers, seals, and expects these checks to fail and no other.
void expect_found(const Names& wanted, const std::function<void(const Copy&)>& tamper) {
    const Copy copy;
    tamper(copy);
    copy.seal();
    EXPECT_EQ(copy.failures(), wanted);
}

TEST(Verify, FindsAChangedNumberInATableThoughTheChecksumsFit) {
    const std::string wh = std::to_string(SmallRelease::leaf_wh(5, 0));
    expect_found({"tables equal HDF5"}, [&](const Copy& copy) { copy.replace("tables/feeder-1h.csv", "f4,node,2013-03-30T00:00:00Z,2013-03-30," + wh, "f4,node,2013-03-30T00:00:00Z,2013-03-30,1"); });
    expect_found({"tables equal HDF5"}, [](const Copy& copy) { copy.replace("tables/feeder-1d.csv", ",2013-03-31,", ",2013-03-30,", 1); });
    expect_found({"tables equal HDF5"}, [](const Copy& copy) { copy.replace("tables/feeder-1d.csv", "10-19", "10-18", 1); });
    expect_found({"tables equal HDF5"}, [](const Copy& copy) { copy.replace("tables/region-1d.csv", "b,node", "c,node", 1); });
    expect_found({"tables equal HDF5"}, [](const Copy& copy) { copy.write("tables/total-year.csv", copy.read("tables/total-year.csv") + "x"); });
    expect_found({"tables equal HDF5"}, [](const Copy& copy) { copy.write("tables/meters.csv", "meter,kwh\n"); });
}

TEST(Verify, FindsAChangedSumInHdf5ThoughTheChecksumsFit) {
    // f4 alone is region b: its energy stands in both rows, at the finest resolution.
    const std::int64_t f4 = SmallRelease::leaf_wh(5, 7);
    expect_found({"levels add up", "resolutions add up", "tables equal HDF5"}, [&](const Copy& copy) { copy.replace("aggregates.h5", bytes_of(f4), bytes_of(f4 + 1), 1); });
    std::int64_t day = 0;
    for (std::uint32_t t = 0; t < 24; ++t) day += SmallRelease::leaf_wh(5, t);
    expect_found({"levels add up", "resolutions add up", "tables equal HDF5"}, [&](const Copy& copy) { copy.replace("aggregates.h5", bytes_of(day), bytes_of(day + 1)); });
}

TEST(Verify, ASumBeyondAnyEnergyIsAFailureNotAnOverflow) {
    const std::int64_t most = INT64_MAX;
    const Copy copy;
    copy.replace("aggregates.h5", bytes_of(SmallRelease::leaf_wh(2, 7)), bytes_of(most));
    copy.replace("aggregates.h5", bytes_of(SmallRelease::leaf_wh(3, 7)), bytes_of(most));
    copy.seal();
    EXPECT_TRUE(copy.failures().contains("levels add up"));
    EXPECT_TRUE(copy.failures().contains("resolutions add up"));
}

TEST(Verify, FindsARangeBelowTheThreshold) {
    for (const char* band : {" < 10", "03-19", "9-190", "10   ", "99999", "-1-10", "10-1x", "19-10"})
        expect_found({"contributors"}, [&](const Copy& copy) {
            copy.replace("aggregates.h5", "10-19", band);
            for (const auto& entry : fs::directory_iterator(copy.folder() / "tables"))
                if (const std::string name = "tables/" + entry.path().filename().string(); copy.read(name).find("10-19") != std::string::npos) copy.replace(name, "10-19", band);
        });
}

TEST(Verify, AThresholdThatNoRangeMeetsIsAFailure) {
    expect_found({"contributors"}, [](const Copy& copy) {
        copy.edit_manifest([](nlohmann::json& manifest) {
            manifest["min_contributors"] = UINT64_MAX;
            manifest["rules"] = {"min_contributors = 18446744073709551615"};
        });
    });
}

TEST(Verify, FindsAStatementThatDoesNotFit) {
    const auto edited = [](const char* key, const nlohmann::json& value) {
        return [=](const Copy& copy) { copy.edit_manifest([&](nlohmann::json& manifest) { manifest[key] = value; }); };
    };
    expect_found({"contributors", "statements"}, edited("min_contributors", 11));
    expect_found({"statements"}, edited("min_contributors", 0));
    expect_found({"statements"}, edited("min_contributors", 9));
    expect_found({"statements"}, edited("rules", {"dominance = [1, 0.5]"}));
    expect_found({"statements"}, edited("audience", "public"));
    const auto guard = [](std::uint64_t values, std::uint64_t longest, bool is_longer) {
        return nlohmann::json{{"bits_per_value", 12}, {"values_per_series", values}, {"longest_series", longest}, {"longer_than_guard", is_longer}};
    };
    expect_found({"statements"}, edited("length_guard", guard(71, 8, false)));
    expect_found({"statements"}, edited("length_guard", guard(71, 9, true)));
    expect_found({"structure"}, edited("length_guard", guard(70, 8, true)));
    expect_found({"statements"}, edited("rules", {"class residential: min_contributors = 100", "class other: min_contributors = 9"}));
    expect_found({"statements"}, edited("rules", {"class other: min_contributors = 10 or so"}));
    expect_found({"statements"}, edited("products", {"aggregates"}));
    expect_found({"statements"}, edited("products", {"aggregates", "forecast", "private"}));
    expect_found({"structure"}, edited("resolutions", {"1h", "1d", "month"}));
    expect_found({"structure"}, edited("resolutions", {"1d", "1h", "month", "year"}));
    expect_found({"structure"}, edited("resolutions", {"1h", "1d", "month", "year", "2h"}));
    expect_found({"structure"}, edited("levels", {"total", "region"}));
    expect_found({"structure"}, edited("levels", {"feeder", "region", "total"}));
    expect_found({"tables equal HDF5"}, edited("time_zone", "Asia/Kolkata"));  // the hours after 18:30 UTC have another date
    expect_found({"structure"}, edited("time_zone", "America/New_York"));     // and so has the start of a day
    expect_found({"structure"}, edited("time_zone", "../../etc/passwd"));
}

TEST(Verify, FindsNothingWhereClassesHaveOtherThresholds) {
    expect_found({}, [](const Copy& copy) {
        copy.edit_manifest([](nlohmann::json& manifest) { manifest["rules"] = {"class residential: min_contributors = 100", "class other: min_contributors = 10"}; });
    });
}

TEST(Verify, FindsNothingWhereAShortReleaseIsPublic) {
    expect_found({}, [](const Copy& copy) {
        copy.edit_manifest([](nlohmann::json& manifest) {
            manifest["audience"] = "public";
            manifest["length_guard"]["longest_series"] = 128;
            manifest["length_guard"]["longer_than_guard"] = false;
        });
    });
}

TEST(Verify, FindsANodeThatIsNotWhatIsSaid) {
    const auto replaced = [](const char* old, const char* text) { return [=](const Copy& copy) { copy.replace("tables/nodes.csv", old, text, 1); }; };
    expect_found({"nodes"}, replaced("import,feeder,f5,withheld,", "import,feeder,f5,published,"));
    expect_found({"nodes"}, replaced("import,feeder,f4,published,", "import,feeder,f4,withheld,"));
    expect_found({"nodes"}, replaced("import,feeder,f4,published,,\n", ""));
    expect_found({"nodes"}, replaced("merged,f2+f3,min", "merged,f2+f9,min"));
    expect_found({"nodes"}, replaced("import,feeder,f5,withheld,", "import,feeder,f4,published,"));
    expect_found({"nodes"}, replaced("f5,withheld", "f5,unknown"));
    expect_found({"nodes"}, replaced("channel,level,node", "channel,level,meter"));
}

TEST(Verify, FindsAForecastThatDoesNotAddUp) {
    // The forecast of an hour repeats the first day; f4 alone is region b.
    const std::int64_t f4 = SmallRelease::leaf_wh(5, 7);
    expect_found({"forecasts add up"}, [&](const Copy& copy) { copy.replace("forecast.h5", bytes_of(f4) + bytes_of(SmallRelease::leaf_wh(5, 8)), bytes_of(f4 + 1) + bytes_of(SmallRelease::leaf_wh(5, 8)), 1); });
    expect_found({"forecasts add up"}, [&](const Copy& copy) { copy.replace("forecast.h5", bytes_of(f4 - 200) + bytes_of(f4 - 100), bytes_of(f4 - 200) + bytes_of(f4 - 201), 1); });
    double quarter = 0.25, none = std::numeric_limits<double>::quiet_NaN();
    const std::string old(reinterpret_cast<const char*>(&quarter), 8), text(reinterpret_cast<const char*>(&none), 8);
    expect_found({"forecasts add up"}, [&](const Copy& copy) { copy.replace("forecast.h5", old, text); });
}

TEST(Verify, FindsADocumentThatIsNotJson) {
    for (const char* text : {"{\"a\":", "[]", "", "{\"a\": 1} x"}) expect_found({"evidence"}, [&](const Copy& copy) { copy.write("evidence/disclosure.json", text); });
}

TEST(Verify, AnHdf5FileThatIsNoneIsAFailure) {
    for (const char* name : {"aggregates.h5", "forecast.h5"}) {
        const Names wanted = {std::string(name) == "forecast.h5" ? "forecasts add up" : "structure"};
        expect_found(wanted, [&](const Copy& copy) { copy.write(name, "node,energy\n"); });
        expect_found(wanted, [&](const Copy& copy) { copy.write(name, ""); });
        expect_found(wanted, [&](const Copy& copy) { copy.write(name, copy.read(name).substr(0, copy.read(name).size() / 2)); });
    }
    expect_found({"structure"}, [](const Copy& copy) { copy.write("aggregates.h5", copy.read("forecast.h5")); });
}

TEST(Verify, AManifestFromAStrangerIsAnError) {
    for (const char* text : {"", "[]", "{\"format\": 5}", "{\"format\": \"meterveil-release/1\"}", "\xff"}) {
        const Copy copy;
        copy.write("manifest.json", text);
        const auto outcome = verify(copy.folder().string());
        ASSERT_FALSE(outcome.ok()) << text;
        EXPECT_EQ(outcome.error().code, Code::input);
        EXPECT_EQ(outcome.error().where, (copy.folder() / "manifest.json").string());
    }
    const Scratch empty;
    EXPECT_EQ(verify(empty.path().string()).error().code, Code::input);
    EXPECT_EQ(verify(empty.file("nothing")).error().code, Code::input);
}

}  // namespace
}  // namespace meterveil::publish
