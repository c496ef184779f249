// Who is in the atoms of a partition, from the shards.

#include <algorithm>
#include <string>

#include "meterveil/core/integer.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::ledger {
namespace {

using model::Memberships;

/// Members on their way to the ranks that keep them.
struct Parcel {
    std::vector<std::vector<model::Membership>> members;
    std::vector<std::vector<std::uint64_t>> contents;
    explicit Parcel(std::size_t ranks) : members(ranks), contents(ranks) {}
};

class Census {
public:
    Census(const model::ShardSet& shards, const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions, const std::vector<std::uint32_t>& months)
        : shards_(shards), first_leaf_(model::first_leaf(hierarchy)), partitions_(partitions), months_(months), num_months_(months.size() - 1) {}

    Result<> add(const model::OwnedShard& shard, Parcel& parcel) const {
        std::vector<model::Membership> members;
        for (const auto& row : shard.rows) members.push_back(membership_of(row));
        std::vector<std::uint64_t> contents(shard.rows.size() * model::num_channels * num_months_, 0);
        for (const auto& partition : partitions_)
            if (shard.has_channel[static_cast<int>(partition.channel)] && !partition.is_by_class()) TRY_DO(read_channel(shard, partition.channel, members, contents));
        const std::size_t ranks = parcel.members.size(), width = model::num_channels * num_months_;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (std::all_of(std::begin(members[i].atom), std::end(members[i].atom), [](auto atom) { return atom == model::no_id; })) continue;
            const std::uint64_t to = part_of(model::member_blocks, ranks, model::block_of_member(members[i].member));
            parcel.members[to].push_back(members[i]);
            parcel.contents[to].insert(parcel.contents[to].end(), contents.begin() + static_cast<std::ptrdiff_t>(i * width), contents.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
        }
        return {};
    }

private:
    [[nodiscard]] model::Membership membership_of(const model::ShardRow& row) const {
        model::Membership member{row.record.member, row.record.subject, row.record.leaf - first_leaf_, row.record.subject_class, {model::no_id, model::no_id}, {0, 0}};
        for (const auto& partition : partitions_) {
            const auto c = static_cast<std::size_t>(partition.channel);
            if (row.takes_part[c] && !partition.is_by_class()) member.atom[c] = partition.atom_of(row.record.leaf, row.is_newcomer[c]);
        }
        return member;
    }

    Result<> read_channel(const model::OwnedShard& shard, model::Channel channel, std::vector<model::Membership>& members, std::vector<std::uint64_t>& contents) const {
        const auto c = static_cast<std::size_t>(channel);
        const std::uint32_t intervals = shards_.axis.count, step = io::shard_chunk_meters;
        const auto rows = static_cast<std::uint32_t>(shard.rows.size());
        std::vector<Result<>> outcomes((rows + step - 1) / step);
        exec::for_each_index(outcomes.size(), [&](std::size_t chunk) {
            const std::uint32_t first = static_cast<std::uint32_t>(chunk) * step, last = std::min(rows, first + step);
            std::vector<std::int32_t> quanta(std::size_t{last - first} * intervals);
            outcomes[chunk] = io::read_rows(shard.path, channel, first, last, intervals, quanta);
            for (std::uint32_t r = first; outcomes[chunk].ok() && r < last; ++r) {
                if (members[r].atom[c] == model::no_id) continue;
                const auto series = std::span<const std::int32_t>(quanta).subspan(std::size_t{r - first} * intervals, intervals);
                for (const std::int32_t value : series) members[r].energy_wh[c] += value;
                members[r].energy_wh[c] *= shards_.energy_quantum_wh;
                for (std::size_t m = 0; m < num_months_; ++m)
                    contents[(std::size_t{r} * model::num_channels + c) * num_months_ + m] = content_of(series.subspan(months_[m], months_[m + 1] - months_[m]), shards_.energy_quantum_wh);
            }
        });
        for (auto& outcome : outcomes) TRY_DO(std::move(outcome));
        return {};
    }

    const model::ShardSet& shards_;
    model::NodeId first_leaf_;
    const std::vector<model::Partition>& partitions_;
    const std::vector<std::uint32_t>& months_;
    std::size_t num_months_;
};

/// Everything that came, by member.
Memberships in_order(const std::vector<std::vector<model::Membership>>& members, const std::vector<std::vector<std::uint64_t>>& contents, std::size_t num_months) {
    struct Place {
        std::size_t rank, index;
    };
    std::vector<Place> places;
    for (std::size_t r = 0; r < members.size(); ++r)
        for (std::size_t i = 0; i < members[r].size(); ++i) places.push_back({r, i});
    std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) { return members[a.rank][a.index] < members[b.rank][b.index]; });
    Memberships all;
    all.num_months = static_cast<std::uint32_t>(num_months);
    const std::size_t width = model::num_channels * num_months;
    for (const Place& place : places) {
        all.members.push_back(members[place.rank][place.index]);
        const auto from = contents[place.rank].begin() + static_cast<std::ptrdiff_t>(place.index * width);
        all.contents.insert(all.contents.end(), from, from + static_cast<std::ptrdiff_t>(width));
    }
    return all;
}

}  // namespace

std::uint64_t content_of(std::span<const std::int32_t> quanta, std::int32_t quantum_wh) {
    std::vector<std::int32_t> told(quanta.begin(), quanta.end());
    told.push_back(quantum_wh);  // as many quanta of another size are other readings
    return std::stoull(io::sha256_hex(std::as_bytes(std::span(told))).substr(0, 16), nullptr, 16);
}

Result<Memberships> members_of(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions,
                               const std::vector<std::uint32_t>& months) {
    const Census census(shards, hierarchy, partitions, months);
    Parcel parcel(static_cast<std::size_t>(comm.size()));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        for (const auto& shard : shards.owned) TRY_DO(census.add(shard, parcel));
        return {};
    }));
    const auto members = par::exchange(comm, parcel.members);
    const auto contents = par::exchange(comm, parcel.contents);
    return in_order(members, contents, months.size() - 1);
}

}  // namespace meterveil::ledger
