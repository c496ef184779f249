#include "meterveil/io/table_file.hpp"

#include <map>

#include "io/table_layout.hpp"
#include "meterveil/core/contract.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::io {
namespace {

class PlacedTableFile final : public TableFile {
public:
    PlacedTableFile(par::Comm& comm, File file, std::map<std::string, Extent> extents)
        : comm_(comm), file_(std::move(file)), extents_(std::move(extents)) {}

    Result<> write_rows(const std::string& dataset, std::uint64_t first_row, std::span<const std::int64_t> values) override {
        return write(dataset, first_row, values.size(), std::as_bytes(values));
    }
    Result<> write_rows(const std::string& dataset, std::uint64_t first_row, std::span<const double> values) override {
        return write(dataset, first_row, values.size(), std::as_bytes(values));
    }
    Result<> close() override {
        return par::agree_on(comm_, [&]() -> Result<> {
            TRY_DO(file_.sync());
            return file_.close();
        });
    }

private:
    Result<> write(const std::string& dataset, std::uint64_t first_row, std::size_t count, std::span<const std::byte> bytes) {
        if (count == 0) return {};
        const auto found = extents_.find(dataset);
        EXPECTS(found != extents_.end());
        const Extent& extent = found->second;
        EXPECTS(count % extent.row_values == 0 && first_row + count / extent.row_values <= extent.rows);
        return file_.write_at(extent.offset + first_row * extent.row_values * 8, bytes);
    }

    par::Comm& comm_;
    File file_;
    std::map<std::string, Extent> extents_;
};

/// Rank 0's extents on every rank; datasets in the order of the layout.
Result<std::map<std::string, Extent>> share(par::Comm& comm, const std::map<std::string, Extent>& mine) {
    std::string names;
    std::vector<Extent> extents;
    for (const auto& [name, extent] : mine) {
        names += name + '\n';
        extents.push_back(extent);
    }
    names = par::broadcast(comm, names);
    extents = par::all_gather(comm, extents)[0];
    std::map<std::string, Extent> shared;
    std::size_t begin = 0;
    for (const Extent& extent : extents) {
        const std::size_t end = names.find('\n', begin);
        shared[names.substr(begin, end - begin)] = extent;
        begin = end + 1;
    }
    return shared;
}

}  // namespace

Result<std::unique_ptr<TableFile>> TableFile::create(par::Comm& comm, const Path& path, const FileLayout& layout) {
    TRY(const auto mine, par::agree_on(comm, [&]() -> Result<std::map<std::string, Extent>> {
            if (comm.rank() == 0) return write_layout(path, layout);
            return std::map<std::string, Extent>{};
        }));
    TRY(auto extents, share(comm, mine));
    return par::agree_on(comm, [&]() -> Result<std::unique_ptr<TableFile>> {
        TRY(File file, File::open(path, File::Mode::write_existing));
        return std::unique_ptr<TableFile>(new PlacedTableFile(comm, std::move(file), std::move(extents)));
    });
}

}  // namespace meterveil::io
