#include "meterveil/io/table_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>

#include "meterveil/core/integer.hpp"
#include "meterveil/par/exchange.hpp"
#include "ranks.hpp"

namespace meterveil::io {
namespace {

using testing::on_ranks;
using testing::shared_folder;

constexpr std::uint64_t num_nodes = 5, num_times = 7;

FileLayout layout() {
    FileLayout file;
    file.attributes = {{"title", std::string("a table")}};
    DatasetLayout time{"/feeder/1h/time", DatasetLayout::Type::int64, {num_times}, {}, true,
                       {{"units", std::string("seconds since 1970-01-01 00:00:00")}, {"calendar", std::string("standard")}}, {}, {}, {}};
    for (std::uint64_t t = 0; t < num_times; ++t) time.small_int.push_back(1357000000 + 3600 * static_cast<std::int64_t>(t));
    DatasetLayout node{"/feeder/1h/node", DatasetLayout::Type::text, {num_nodes}, {}, true, {}, {}, {}, {"a", "bb", "Zürich", "d", "e"}};
    const std::vector<std::string> scales = {"/feeder/1h/node", "/feeder/1h/time"};
    DatasetLayout energy{"/feeder/1h/energy_wh", DatasetLayout::Type::int64, {num_nodes, num_times}, scales, false,
                         {{"units", std::string("Wh")}}, {}, {}, {}};
    DatasetLayout share{"/feeder/1h/share", DatasetLayout::Type::float64, {num_nodes, num_times}, scales, false, {}, {}, {}, {}};
    file.datasets = {time, node, energy, share};
    return file;
}

std::vector<std::int64_t> values_of(IndexRange rows) {
    std::vector<std::int64_t> values(rows.size() * num_times);
    std::iota(values.begin(), values.end(), static_cast<std::int64_t>(rows.first * num_times));
    return values;
}

Result<> write_table(par::Comm& comm, const std::string& path) {
    TRY(const auto file, TableFile::create(comm, path, layout()));
    const IndexRange rows = block_of(num_nodes, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
    const auto values = values_of(rows);
    TRY_DO(file->write_rows("/feeder/1h/energy_wh", rows.first, values));
    const std::vector<double> halves(values.begin(), values.end());
    TRY_DO(file->write_rows("/feeder/1h/share", rows.first, halves));
    return file->close();
}

TEST(TableFile, GivesBackWhatEveryRankWrote) {
    on_ranks([](par::Comm& comm) {
        const std::string path = shared_folder(comm) + "/t.h5";
        ASSERT_TRUE(write_table(comm, path).ok());
        const auto reader = TableReader::open(path).value();
        EXPECT_EQ(reader->datasets().size(), 4U);
        EXPECT_EQ(reader->shape("/feeder/1h/energy_wh").value(), (std::vector<std::uint64_t>{num_nodes, num_times}));
        EXPECT_EQ(reader->read_int("/feeder/1h/energy_wh").value(), values_of({0, num_nodes}));
        EXPECT_EQ(reader->read_int_rows("/feeder/1h/energy_wh", 2, 4).value(), values_of({2, 4}));
        EXPECT_EQ(reader->read_float("/feeder/1h/share").value()[9], 9.0);
        EXPECT_EQ(reader->read_text("/feeder/1h/node").value()[2], "Zürich");
        EXPECT_EQ(reader->text_attribute("/feeder/1h/energy_wh", "units").value(), "Wh");
        comm.barrier();
    });
}

TEST(TableFile, TheBytesDoNotDependOnTheRanks) {
    static std::string first_digest;  // of the first rank count that ran
    on_ranks([](par::Comm& comm) {
        const std::string path = shared_folder(comm) + "/t.h5";
        ASSERT_TRUE(write_table(comm, path).ok());
        const auto digest = sha256_of_file(path).value();
        if (comm.rank() == 0 && first_digest.empty()) first_digest = digest;
        comm.barrier();
        EXPECT_TRUE(comm.rank() != 0 || digest == first_digest);
        comm.barrier();
    });
}

TEST(TableFile, AnOlderFileIsNotReplacedAndAllRanksSaySo) {
    on_ranks([](par::Comm& comm) {
        const std::string path = shared_folder(comm) + "/t.h5";
        ASSERT_TRUE(write_table(comm, path).ok());
        const auto outcome = TableFile::create(comm, path, layout());
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::storage);
        EXPECT_EQ(outcome.error().where, path);
    });
}

TEST(TableReader, RefusesWhatIsNotThere) {
    on_ranks([](par::Comm& comm) {
        const std::string path = shared_folder(comm) + "/t.h5";
        ASSERT_TRUE(write_table(comm, path).ok());
        const auto reader = TableReader::open(path).value();
        EXPECT_EQ(reader->read_int("/feeder/1h/nothing").error().code, Code::input);
        EXPECT_FALSE(reader->read_int("/feeder/1h/share").ok());
        EXPECT_FALSE(reader->read_text("/feeder/1h/time").ok());
        EXPECT_FALSE(reader->read_int_rows("/feeder/1h/energy_wh", 3, 6).ok());
        EXPECT_FALSE(TableReader::open(path + ".no").ok());
        comm.barrier();
    });
}

TEST(TableReader, RefusesAFileThatIsNoHdf5) {
    on_ranks([](par::Comm& comm) {
        const std::string path = shared_folder(comm) + "/t.h5";
        if (comm.rank() == 0) std::ofstream(path) << "node,energy\n";
        comm.barrier();
        EXPECT_EQ(TableReader::open(path).error().code, Code::input);
        comm.barrier();
    });
}

/// @return status of the script, 77 where Python lacks a library
int python(const std::string& script, const std::string& argument) {
    const std::string file = argument + ".py";
    std::ofstream(file) << "import sys\ntry:\n    import h5py, xarray, netCDF4\nexcept ImportError:\n    sys.exit(77)\n" << script;
    const int status = std::system(("/usr/bin/python3 '" + file + "' '" + argument + "'").c_str());
    return WEXITSTATUS(status);
}

TEST(TableFile, OpensInPythonWithItsDimensionsNamed) {
    on_ranks([](par::Comm& comm) {
        const std::string path = shared_folder(comm) + "/t.h5";
        ASSERT_TRUE(write_table(comm, path).ok());
        if (comm.rank() == 0) {
            const int status = python(
                "f = h5py.File(sys.argv[1])\n"
                "e = f['/feeder/1h/energy_wh']\n"
                "assert e.dims[0][0].name == '/feeder/1h/node' and e.dims[1][0].name == '/feeder/1h/time'\n"
                "assert e[2, 3] == 17\n"
                "d = xarray.open_dataset(sys.argv[1], group='/feeder/1h')\n"
                "assert d.energy_wh.dims == ('node', 'time'), d\n"
                "assert str(d.time.values[0]).startswith('2013-01-01T00:26:40'), d.time\n"
                "assert d.node.values[2] == 'Zürich', d.node\n",
                path);
            if (status == 77) GTEST_SKIP() << "python3 has no h5py, xarray and netCDF4";
            EXPECT_EQ(status, 0);
        }
    });
}

}  // namespace
}  // namespace meterveil::io
