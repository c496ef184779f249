// Where ranks meet: values, customers, tuples, the result.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "attributes/run_parts.hpp"
#include "meterveil/core/contract.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::attributes {
namespace {

using model::Pseudonym;
constexpr std::size_t id_words = sizeof(Pseudonym) / sizeof(std::uint32_t);
constexpr std::int64_t max_value_bytes = std::int64_t{256} << 20;

/// Texts joined by line ends: no value has one.
std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += text + '\n';
    return all;
}
std::vector<std::string> lines(const std::string& all) {
    std::vector<std::string> texts;
    for (std::size_t begin = 0, end = 0; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1) texts.push_back(all.substr(begin, end - begin));
    return texts;
}

std::uint64_t hash_of(std::span<const std::uint32_t> row) {
    std::uint64_t hash = 0;
    for (const std::uint32_t code : row) hash = (std::rotl(hash, 25) ^ code) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 32;
}

/// Records of one customer each, pseudonym and codes, to the owner of the pseudonym.
std::vector<std::vector<std::uint32_t>> by_owner(const model::Customers& customers, std::size_t width, std::uint32_t ranks) {
    std::vector<std::size_t> num_rows(ranks, 0);
    for (const Pseudonym& subject : customers.subjects) ++num_rows[model::slice_of(subject, ranks)];
    std::vector<std::vector<std::uint32_t>> to(ranks);
    for (std::size_t r = 0; r < ranks; ++r) to[r].reserve(num_rows[r] * (id_words + width));
    for (std::size_t row = 0; row < customers.subjects.size(); ++row) {
        auto& words = to[model::slice_of(customers.subjects[row], ranks)];
        std::array<std::uint32_t, id_words> id{};
        std::memcpy(id.data(), customers.subjects[row].value.data(), sizeof id);
        words.insert(words.end(), id.begin(), id.end());
        const auto codes = std::span(customers.rows.codes).subspan(row * width, width);
        words.insert(words.end(), codes.begin(), codes.end());
    }
    return to;
}

/// A bucket of records with all of a customer's, one of each customer is kept. @return an attribute in which two of a customer differ
std::optional<std::size_t> keep_one_each(std::vector<const std::uint32_t*>& records, std::size_t width) {
    const std::size_t length = id_words + width;
    std::sort(records.begin(), records.end(), [&](const auto* a, const auto* b) { return std::lexicographical_compare(a, a + length, b, b + length); });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (i > 0 && std::equal(records[i], records[i] + id_words, records[i - 1])) {
            const auto differing = std::mismatch(records[i], records[i] + length, records[i - 1]).first - records[i];
            if (differing < static_cast<std::ptrdiff_t>(length)) return static_cast<std::size_t>(differing) - id_words;
            continue;
        }
        records[kept++] = records[i];
    }
    records.resize(kept);
    return std::nullopt;
}

/// The codes of each customer once. @return an attribute in which two rows of a customer differ
std::optional<std::size_t> codes_of_customers(const par::Inbox& inbox, std::size_t width, std::vector<std::uint32_t>& codes) {
    constexpr std::size_t num_buckets = 256;
    std::vector<std::vector<const std::uint32_t*>> buckets(num_buckets);
    for (std::size_t r = 0; r < inbox.num_ranks(); ++r) {
        const auto words = par::records<std::uint32_t>(inbox, r);
        for (std::size_t at = 0; at < words.size(); at += id_words + width) buckets[words[at + id_words - 1] % num_buckets].push_back(&words[at]);
    }
    std::vector<std::optional<std::size_t>> differing(num_buckets);
    exec::for_each_index(num_buckets, [&](std::size_t b) { differing[b] = keep_one_each(buckets[b], width); });
    std::optional<std::size_t> first;
    for (const auto& attribute : differing)
        if (attribute && (!first || *attribute < *first)) first = attribute;
    for (auto& bucket : buckets) {
        for (const std::uint32_t* record : bucket) codes.insert(codes.end(), record + id_words, record + id_words + width);
        bucket = {};
    }
    return first;
}

std::vector<std::uint32_t> words_of(const Tuples& tuples, std::size_t tuple) {
    const auto row = tuples.row(tuple);
    std::vector<std::uint32_t> words(row.begin(), row.end());
    EXPECTS(tuples.counts[tuple] <= UINT32_MAX);
    words.push_back(static_cast<std::uint32_t>(tuples.counts[tuple]));
    return words;
}

/// Collective. Sends each tuple to the rank that `owner` names, and joins equal ones there.
template <class Owner>
Tuples sent(par::Comm& comm, const Tuples& mine, std::span<const std::uint32_t> bases, Owner&& owner) {
    std::vector<std::vector<std::uint32_t>> to(static_cast<std::size_t>(comm.size()));
    for (std::size_t t = 0; t < mine.size(); ++t) {
        const auto words = words_of(mine, t);
        auto& out = to[owner(mine.row(t))];
        out.insert(out.end(), words.begin(), words.end());
    }
    par::Inbox inbox;
    par::exchange(comm, to, inbox);
    std::vector<std::uint32_t> codes;
    std::vector<std::uint64_t> counts;
    for (std::size_t r = 0; r < inbox.num_ranks(); ++r) {
        const auto words = par::records<std::uint32_t>(inbox, r);
        for (std::size_t at = 0; at < words.size(); at += bases.size() + 1) {
            codes.insert(codes.end(), &words[at], &words[at] + bases.size());
            counts.push_back(words[at + bases.size()]);
        }
    }
    return distinct(codes, counts, bases);
}

template <class T>
void broadcast_values(par::Comm& comm, std::vector<T>& values) {
    const auto view = std::as_bytes(std::span(values));
    std::vector<std::byte> bytes(view.begin(), view.end());
    comm.broadcast(bytes, 0);
    values.resize(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
}

}  // namespace

Result<std::vector<std::string>> all_values(par::Comm& comm, const std::vector<std::string>& mine) {
    const std::string text = joined(mine);
    if (par::sum(comm, static_cast<std::int64_t>(text.size())) > max_value_bytes)
        return Error{Code::input, "an attribute has too many different values", "[customers] columns", "shorten it, e.g. a postcode to its district, or leave it out"};
    std::set<std::string> all;
    for (const std::string& of_rank : par::all_gather_text(comm, text))
        for (auto& value : lines(of_rank)) all.insert(std::move(value));
    return std::vector<std::string>(all.begin(), all.end());
}

Result<Tuples> meet_by_subject(par::Comm& comm, model::Customers customers, std::span<const std::uint32_t> bases) {
    const auto attributes = customers.rows.attributes;
    const auto to = by_owner(customers, bases.size(), static_cast<std::uint32_t>(comm.size()));
    customers = {};
    par::Inbox inbox;
    par::exchange(comm, to, inbox);
    return par::agree_on(comm, [&]() -> Result<Tuples> {
        std::vector<std::uint32_t> codes;
        if (const auto differing = codes_of_customers(inbox, bases.size(), codes))
            return Error{Code::input, fmt::format("a customer has two different values of '{}'", attributes[*differing].name), "[customers] columns",
                         "a value a customer is wanted: correct the table, or call the column \"other\""};
        return distinct(codes, {}, bases);
    });
}

Result<Tuples> meet_on_first(par::Comm& comm, const Tuples& mine, std::span<const std::uint32_t> bases, std::uint64_t limit) {
    const auto ranks = static_cast<std::uint64_t>(comm.size());
    const Tuples owned = ranks == 1 ? mine : sent(comm, mine, bases, [&](auto row) { return hash_of(row) % ranks; });
    if (static_cast<std::uint64_t>(par::sum(comm, static_cast<std::int64_t>(owned.size()))) > limit)
        return Error{Code::input, fmt::format("more than {} distinct tuples of attributes", limit), "[customers] columns",
                     "leave out an attribute, or shorten its values: customers that all differ cannot be hidden in classes"};
    return ranks == 1 ? owned : sent(comm, owned, bases, [](auto) { return std::size_t{0}; });
}

void broadcast(par::Comm& comm, Candidate& candidate) {
    auto& [table, evidence] = candidate;
    table.labels.resize(table.attributes.size());
    for (auto& labels : table.labels) labels = lines(par::broadcast(comm, joined(labels)));
    broadcast_values(comm, table.codes);
    broadcast_values(comm, table.customers);
    evidence.levels = lines(par::broadcast(comm, joined(evidence.levels)));
    std::vector<std::uint64_t> numbers = {std::bit_cast<std::uint64_t>(evidence.loss), evidence.customers, evidence.suppressed, evidence.classes, evidence.smallest_class,
                                          evidence.smallest_population, std::bit_cast<std::uint64_t>(evidence.marketer_risk),
                                          std::bit_cast<std::uint64_t>(evidence.marketer_population_risk)};
    broadcast_values(comm, numbers);
    evidence.loss = std::bit_cast<double>(numbers[0]);
    evidence.customers = numbers[1];
    evidence.suppressed = numbers[2];
    evidence.classes = numbers[3];
    evidence.smallest_class = numbers[4];
    evidence.smallest_population = numbers[5];
    evidence.marketer_risk = std::bit_cast<double>(numbers[6]);
    evidence.marketer_population_risk = std::bit_cast<double>(numbers[7]);
}

}  // namespace meterveil::attributes
