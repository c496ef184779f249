#pragma once
// A space of derivable sums in which every class lies in at most two different rows, as happens with one or two releases:
// the cuts of a graph. Rows are vertices, classes are edges.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "prove/row_space.hpp"

namespace meterveil::prove {

/// Each vertex has a potential, the ground's is 0; a derivable sum gives an edge the potential of its tail minus that of
/// its head. Rows of one side of the (bipartite) graph are added, those of the other side subtracted.
struct CutGraph {
    struct Edge {
        std::uint32_t tail, head;  ///< vertices; never equal
        ClassId cls;
    };
    std::uint32_t num_vertices = 1;  ///< vertex 0 is the ground: where an edge ends that lies in one row only
    std::vector<Edge> edges;
    static constexpr std::uint32_t ground = 0;

    [[nodiscard]] bool is_null() const { return edges.empty(); }
    [[nodiscard]] std::vector<ClassId> classes() const;
    /// The sums that are zero on the marked edges: their ends get one potential, so they are contracted.
    [[nodiscard]] CutGraph zero_on(const std::vector<bool>& marked) const;
    /// The sums without the marked edges.
    [[nodiscard]] CutGraph without(const std::vector<bool>& marked) const;
    /// Parts that meet in the ground at most.
    [[nodiscard]] std::vector<CutGraph> split() const;
    [[nodiscard]] RowSpace to_rows() const;
};

/// Marks edges whose ends are separated by no cut lighter than `threshold`. Sound, not complete; but if it marks none and
/// no vertex alone is lighter, then no cut is. A scan in maximum adjacency order, O(edges log vertices).
/// @param weights [edge] >= 0
/// @source Nagamochi and Ibaraki, Computing edge-connectivity in multigraphs and capacitated graphs (1992)
std::vector<bool> inseparable(const CutGraph& graph, std::span<const std::int64_t> weights, std::int64_t threshold);

/// The graph of some rows, if there is one: each class in at most two of them, no odd cycle.
/// @param rows [row] its classes
/// @param sides out: [row] whether it is added (tail side) or subtracted
std::optional<CutGraph> graph_of(const std::vector<std::span<const ClassId>>& rows, std::span<const ClassId> classes, std::vector<bool>& is_added);

}  // namespace meterveil::prove
