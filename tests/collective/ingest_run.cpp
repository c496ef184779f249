#include "meterveil/ingest/run.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/exchange.hpp"
#include "lane_ids.hpp"
#include "ranks.hpp"

namespace meterveil::ingest {
namespace {

using testing::on_ranks;
using testing::shared_folder;

std::string rows_text(int file) {
    std::string text = "meter_id,timestamp,kwh\n";
    for (int i = 0; i < 400; ++i)
        text += fmt::format("METER-{},2013-01-{:02} {:02}:{:02},0.{:03}\n", file, 1 + i / 48, i % 48 / 2, i % 2 * 30, i == 50 ? 999 : i);
    return text + fmt::format("METER-{},garbage,0.1\n", file);
}

void write_gzip(const std::string& path, const std::string& text) {
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
}

Options options_for(const std::string& folder) {
    const auto calendar = model::Calendar::make("UTC").value();
    Options options{{}, calendar, model::make_axis(calendar, model::parse_date("2013-01-01").value(), model::parse_date("2013-01-08").value(), std::chrono::minutes(30)).value(),
                    1, 5000, folder + "/quarantine", 700};
    options.sources.emplace_back();
    for (const char* name : {"a.csv", "b.csv", "c.csv.gz"}) options.sources[0].files.push_back(folder + "/" + name);
    return options;
}

Options prepare(par::Comm& comm) {
    const std::string folder = shared_folder(comm);
    if (comm.rank() == 0) {
        std::ofstream(folder + "/a.csv") << rows_text(0);
        std::ofstream(folder + "/b.csv") << rows_text(1);
        write_gzip(folder + "/c.csv.gz", rows_text(2));
    }
    comm.barrier();
    return options_for(folder);
}

/// Every reading of every rank as text, sorted.
std::vector<std::string> all_readings(par::Comm& comm, model::RawStream& stream, model::RowAccount& account) {
    std::string mine;
    for (std::size_t lane = 0; lane < stream.num_lanes(); ++lane) {
        testing::LaneIds ids;
        for (model::RawBatch batch; stream.next(lane, batch).value();) {
            account += batch.account;
            ids.learn(batch);
            for (const auto& r : batch.rows) mine += fmt::format("{} {} {} {}\n", batch.file, ids[r.who], static_cast<unsigned>(r.interval), r.quanta);
        }
    }
    std::vector<std::string> lines;
    for (const std::string& text : par::all_gather_text(comm, mine))
        for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) lines.push_back(text.substr(begin, end - begin));
    std::sort(lines.begin(), lines.end());
    return lines;
}

TEST(Ingest, EveryRowIsReadOnceOnAnyNumberOfRanks) {
    on_ranks([](par::Comm& comm) {
        const Options options = prepare(comm);
        const auto stream = run(comm, options).value();
        model::RowAccount account;
        const auto lines = all_readings(comm, *stream, account);
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(account.read)), 3 * 401);
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(account.quarantined[static_cast<std::size_t>(model::Reason::outside_period)])), 3 * 64);
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(account.quarantined[static_cast<std::size_t>(model::Reason::bad_time)])), 3);
        ASSERT_EQ(lines.size(), 3U * 336);
        EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end()), lines.end());
        EXPECT_TRUE(std::binary_search(lines.begin(), lines.end(), "2 METER-2 50 999"));
        comm.barrier();
        if (comm.rank() == 0) {
            std::string kept;
            for (const auto& file : std::filesystem::directory_iterator(options.quarantine_folder)) kept += io::read_text(file.path()).value();
            EXPECT_EQ(std::count(kept.begin(), kept.end(), '\n'), 6);
            EXPECT_NE(kept.find("bad_time"), std::string::npos);
        }
        comm.barrier();
    });
}

/// All ranks get the same error, with the file's name, of the wanted code.
void expect_refused(par::Comm& comm, const Options& options, Code code, const std::string& name) {
    const auto outcome = run(comm, options);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, code);
    EXPECT_NE(outcome.error().where.find(name), std::string::npos) << outcome.error().where;
    EXPECT_EQ((outcome.error().what + outcome.error().hint).find("METER-"), std::string::npos);
}

TEST(Ingest, AMissingFileIsNamed) {
    on_ranks([](par::Comm& comm) {
        Options options = prepare(comm);
        options.sources[0].files.push_back(options.sources[0].files[0] + ".missing");
        expect_refused(comm, options, Code::input, "a.csv.missing");
    });
}

TEST(Ingest, ABinaryFileNamedCsvIsNamed) {
    on_ranks([](par::Comm& comm) {
        Options options = prepare(comm);
        if (comm.rank() == 0) std::ofstream(options.sources[0].files[1]) << std::string("\x7f" "ELF\0\0\0\1,,,", 11);
        comm.barrier();
        expect_refused(comm, options, Code::input, "b.csv");
    });
}

TEST(Ingest, ATruncatedFileIsNamedWhenItIsRead) {
    on_ranks([](par::Comm& comm) {
        const Options options = prepare(comm);
        const std::string path = options.sources[0].files[2];
        if (comm.rank() == 0) std::filesystem::resize_file(path, std::filesystem::file_size(path) - 9);
        comm.barrier();
        bool found = false;
        if (auto stream = run(comm, options); !stream.ok()) {
            found = stream.error().where == path;
        } else {
            model::RawBatch batch;
            auto outcome = stream.value()->next(0, batch);
            while (outcome.ok() && outcome.value()) outcome = stream.value()->next(0, batch);
            found = !outcome.ok() && outcome.error().code == Code::input && outcome.error().where == path;
        }
        EXPECT_EQ(par::max(comm, found ? 1 : 0), 1);
    });
}

TEST(ReadTables, EachRowIsOnOneRank) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        if (comm.rank() == 0) {
            std::ofstream topology(folder + "/t.csv"), customers(folder + "/c.csv");
            topology << "\xef\xbb\xbfmeter_id,feeder,region\n";
            customers << "customer,name,meter_id\n";
            for (int i = 0; i < 100; ++i) {
                topology << fmt::format("METER-{},f{},\"r, {}\"\n", i, i % 5, i % 2);
                customers << fmt::format("C{},\"Doe, J\",METER-{}\n", i / 2, i);
            }
        }
        comm.barrier();
        const TableOptions options{folder + "/t.csv", {"region", "feeder"}, folder + "/c.csv", "customer", "meter_id"};
        const auto tables = read_tables(comm, options).value();
        EXPECT_TRUE(tables.has_subjects);
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(tables.places.size())), 100);
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(tables.holders.size())), 100);
        for (const auto& place : tables.places) EXPECT_TRUE(place.path[0].starts_with("r, "));
        TableOptions wrong = options;
        wrong.levels[1] = "feader";
        const auto outcome = read_tables(comm, wrong);
        ASSERT_FALSE(outcome.ok());
        EXPECT_NE(outcome.error().what.find("did you mean 'feeder'"), std::string::npos);
        comm.barrier();
    });
}

TEST(ReadTables, TellsApartTheClassesThatTheRulesNameAndNoOthers) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        if (comm.rank() == 0) {
            std::ofstream topology(folder + "/t.csv"), customers(folder + "/c.csv");
            topology << "meter_id,feeder\n";
            customers << "meter_id,customer,type\n";
            for (int i = 0; i < 60; ++i) {
                const char* types[] = {"residential", "", "farm", "shop", "Residential"};
                topology << fmt::format("M{},f1\n", i);
                customers << fmt::format("M{},C{},{}\n", i, i, types[i % 5]);
            }
        }
        comm.barrier();
        TableOptions options{folder + "/t.csv", {"feeder"}, folder + "/c.csv", "customer", "meter_id", "type", {"farm", "residential"}};
        for (const char* subject : {"customer", ""}) {
            options.subject_column = subject;
            const auto tables = read_tables(comm, options).value();
            EXPECT_EQ(tables.other_class, 2U);
            std::vector<std::int64_t> rows(3, 0);
            for (const auto& holder : tables.holders) {
                ++rows.at(holder.subject_class);
                EXPECT_EQ(holder.subject.empty(), options.subject_column.empty());
            }
            comm.sum(rows);
            EXPECT_EQ(rows, (std::vector<std::int64_t>{12, 12, 36}));
        }
        options.classes[1] = "residental";
        const auto outcome = read_tables(comm, options);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::input);
        EXPECT_NE(outcome.error().what.find("no row has 'residental' in the column 'type'"), std::string::npos);
        options.class_column = "typ";
        EXPECT_NE(read_tables(comm, options).error().what.find("did you mean 'type'"), std::string::npos);
        comm.barrier();
    });
}

TEST(ReadTables, AnEmptyFieldIsRefusedByFileAndPlaceWithoutTheId) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = shared_folder(comm);
        if (comm.rank() == 0) std::ofstream(folder + "/t.csv") << "meter_id,feeder\nMETER-1,f1\nMETER-2,\n";
        comm.barrier();
        const auto outcome = read_tables(comm, {folder + "/t.csv", {"feeder"}, "", "", ""});
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::input);
        EXPECT_NE(outcome.error().where.find("t.csv"), std::string::npos);
        EXPECT_EQ((outcome.error().what + outcome.error().where).find("METER-"), std::string::npos);
    });
}

TEST(Inspect, SaysWhatIsThere) {
    on_ranks([](par::Comm& comm) {
        const Options options = prepare(comm);
        const FileReport report = inspect(options.sources[0].files[2], Source{}, options.calendar).value();
        EXPECT_EQ(report.format, "long-csv");
        EXPECT_EQ(report.compression, "gzip");
        EXPECT_EQ(report.rows, 401U);
        EXPECT_EQ(report.meters, 1U);
        EXPECT_EQ(report.interval_s, 1800);
        EXPECT_EQ(report.first, "2013-01-01T00:00:00Z");
        EXPECT_EQ(report.unusable, 1U);
        EXPECT_NEAR(report.coverage, 1.0, 1e-9);
        EXPECT_EQ(report.columns[1], "timestamp: time");
        comm.barrier();
    });
}

}  // namespace
}  // namespace meterveil::ingest
