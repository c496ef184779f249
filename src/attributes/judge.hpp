#pragma once
// What a generalisation is worth: its classes, which of them hold the criteria, and what is lost.

#include <cstdint>
#include <span>
#include <vector>

#include "attributes/loss.hpp"
#include "attributes/table.hpp"

namespace meterveil::attributes {

/// Reads classes one after another; a thread has its own.
class ClassReader {
public:
    ClassReader(const Table& table, std::span<const Reference> references, bool with_sensitive);
    /// @param tuples of the class  @return valid until the next call
    const ClassFacts& read(std::span<const std::uint32_t> tuples);

private:
    const Table& table_;
    bool with_sensitive_;
    std::vector<std::vector<std::uint64_t>> counts_;   // [attribute][value]
    std::vector<std::vector<std::uint32_t>> present_;  // [attribute]
    std::vector<Histogram> histograms_;
    ClassFacts facts_;
};

/// Takes the distribution of the sensitive values over the tuples that are marked.
void count(std::vector<Reference>& references, const Table& table, std::span<const std::uint8_t> is_in);

bool holds_all(const Problem& problem, const ClassFacts& facts);
bool needs_sensitive(const Problem& problem);

/// Of a node of the lattice: one level for each attribute.
struct Verdict {
    bool passes = false;
    bool fails_below = false;      ///< nor does any node that is nowhere coarser pass
    std::uint64_t loss = 0;        ///< if it passes
    std::uint64_t loss_above = 0;  ///< no coarser node loses less
    std::uint64_t suppressed = 0;
};

class NodeJudge {
public:
    explicit NodeJudge(const Problem& problem);
    /// Classes that fail a criterion are suppressed, until what is left holds all of them; passes if not too many customers are.
    Verdict judge(std::span<const std::uint32_t> levels);
    /// [tuple] of the node judged last
    [[nodiscard]] const std::vector<std::uint8_t>& is_published() const { return is_published_; }
    /// No generalisation at these levels or coarser ones loses less. Known before it is judged.
    [[nodiscard]] std::uint64_t least_loss(std::span<const std::uint32_t> levels) const;
    [[nodiscard]] const CellCosts& costs() const { return costs_; }

private:
    struct Classes;
    void suppress_failing(Classes& classes, Verdict& verdict);
    void suppress_small(Classes& classes) const;
    [[nodiscard]] bool lacks_a_class(const Classes& classes, bool without_customers_only) const;
    [[nodiscard]] std::uint64_t loss_of(const Classes& classes, std::span<const std::uint32_t> levels, std::uint64_t suppressed) const;

    const Problem& problem_;
    CellCosts costs_;
    bool needs_sensitive_, needs_every_class_ = false;
    std::vector<const Criterion*> of_size_, others_;  // of size: survives any union, looks at no sensitive value
    std::vector<std::uint8_t> is_published_;
};

}  // namespace meterveil::attributes
