#include "prove/cut_graph.hpp"

#include <algorithm>
#include <queue>

#include "prove/groups.hpp"

namespace meterveil::prove {
namespace {

/// [vertex] its edges, in one list.
struct Neighbours {
    std::vector<std::uint32_t> first, edges;

    explicit Neighbours(const CutGraph& graph) : first(std::size_t{graph.num_vertices} + 1, 0), edges(graph.edges.size() * 2) {
        for (const auto& edge : graph.edges) ++first[edge.tail + 1], ++first[edge.head + 1];
        for (std::size_t v = 0; v < graph.num_vertices; ++v) first[v + 1] += first[v];
        auto next = first;
        for (std::uint32_t e = 0; e < graph.edges.size(); ++e) edges[next[graph.edges[e].tail]++] = e, edges[next[graph.edges[e].head]++] = e;
    }
    [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t vertex) const {
        return std::span(edges).subspan(first[vertex], first[vertex + 1] - first[vertex]);
    }
};

}  // namespace

std::vector<ClassId> CutGraph::classes() const {
    std::vector<ClassId> result;
    result.reserve(edges.size());
    for (const auto& edge : edges) result.push_back(edge.cls);
    return result;
}

CutGraph CutGraph::zero_on(const std::vector<bool>& marked) const {
    Groups groups(num_vertices);
    for (std::size_t e = 0; e < edges.size(); ++e)
        if (marked[e]) groups.join(edges[e].tail, edges[e].head);
    CutGraph result;
    result.num_vertices = groups.number();  // the ground's group is the first
    for (std::size_t e = 0; e < edges.size(); ++e) {
        const Edge edge{groups.number_of(edges[e].tail), groups.number_of(edges[e].head), edges[e].cls};
        if (edge.tail != edge.head) result.edges.push_back(edge);
    }
    return result;
}

CutGraph CutGraph::without(const std::vector<bool>& marked) const {
    CutGraph result{num_vertices, {}};
    for (std::size_t e = 0; e < edges.size(); ++e)
        if (!marked[e]) result.edges.push_back(edges[e]);
    return result;
}

std::vector<CutGraph> CutGraph::split() const {
    Groups groups(num_vertices);
    for (const auto& edge : edges)
        if (edge.tail != ground && edge.head != ground) groups.join(edge.tail, edge.head);
    groups.number();
    const auto inner = [](const Edge& edge) { return edge.tail == ground ? edge.head : edge.tail; };
    std::vector<std::uint32_t> part_of(num_vertices, no_group), place(num_vertices, no_group);  // by group; by vertex
    std::vector<CutGraph> parts;
    for (const auto& edge : edges) {
        auto& part = part_of[groups.number_of(inner(edge))];
        if (part == no_group) {
            part = static_cast<std::uint32_t>(parts.size());
            parts.emplace_back();
        }
        CutGraph& into = parts[part];
        const auto placed = [&](std::uint32_t vertex) {
            if (vertex == ground) return ground;
            if (place[vertex] == no_group) place[vertex] = into.num_vertices++;
            return place[vertex];
        };
        const std::uint32_t tail = placed(edge.tail), head = placed(edge.head);
        into.edges.push_back({tail, head, edge.cls});
    }
    return parts;
}

RowSpace CutGraph::to_rows() const {
    RowSpace space{classes(), std::vector<RowSpace::Row>(num_vertices)};
    for (std::uint32_t e = 0; e < edges.size(); ++e) {
        space.rows[edges[e].tail].push_back({e, 1});
        space.rows[edges[e].head].push_back({e, field::negate(1)});
    }
    space.rows.erase(space.rows.begin());  // the ground's: minus the sum of the others
    std::erase_if(space.rows, [](const auto& row) { return row.empty(); });
    return space;
}

std::vector<bool> inseparable(const CutGraph& graph, std::span<const std::int64_t> weights, std::int64_t threshold) {
    std::vector<bool> marked(graph.edges.size(), false), is_scanned(graph.num_vertices, false);
    std::vector<std::int64_t> attached(graph.num_vertices, 0);  // weight to the scanned vertices, capped at the threshold
    const Neighbours neighbours(graph);
    struct Entry {
        std::int64_t attached;
        std::uint32_t vertex;
        bool operator<(const Entry& other) const { return attached != other.attached ? attached < other.attached : vertex > other.vertex; }
    };
    std::priority_queue<Entry> queue;
    for (std::uint32_t start = 0; start < graph.num_vertices; ++start) {
        if (!is_scanned[start]) queue.push({0, start});
        while (!queue.empty()) {
            const Entry next = queue.top();
            queue.pop();
            if (is_scanned[next.vertex]) continue;
            is_scanned[next.vertex] = true;
            for (const auto e : neighbours.of(next.vertex)) {
                const auto& edge = graph.edges[e];
                const std::uint32_t other = edge.tail == next.vertex ? edge.head : edge.tail;
                if (is_scanned[other]) continue;
                attached[other] += std::min(weights[e], threshold - attached[other]);
                marked[e] = attached[other] >= threshold;
                queue.push({attached[other], other});
            }
        }
    }
    return marked;
}

std::optional<CutGraph> graph_of(const std::vector<std::span<const ClassId>>& rows, std::span<const ClassId> classes, std::vector<bool>& is_added) {
    struct Ends { std::uint32_t first = no_group, second = no_group; };
    std::vector<Ends> ends(classes.size());
    for (std::uint32_t r = 0; r < rows.size(); ++r)
        for (const ClassId cls : rows[r]) {
            Ends& end = ends[static_cast<std::size_t>(std::lower_bound(classes.begin(), classes.end(), cls) - classes.begin())];
            if (end.second != no_group) return std::nullopt;
            (end.first == no_group ? end.first : end.second) = r;
        }

    // Two copies of each row, added and subtracted; an edge joins opposite copies. An odd cycle joins both copies of a row.
    const auto num_rows = static_cast<std::uint32_t>(rows.size());
    Groups groups(2 * num_rows);
    for (const Ends& end : ends)
        if (end.second != no_group) groups.join(end.first, num_rows + end.second), groups.join(num_rows + end.first, end.second);
    groups.number();
    is_added.assign(num_rows, false);
    for (std::uint32_t r = 0; r < num_rows; ++r) {
        if (groups.find(r) == groups.find(num_rows + r)) return std::nullopt;
        is_added[r] = groups.number_of(r) < groups.number_of(num_rows + r);
    }

    CutGraph graph{num_rows + 1, {}};
    for (std::size_t c = 0; c < classes.size(); ++c) {
        if (ends[c].first == no_group) continue;
        std::uint32_t tail = ends[c].first + 1, head = ends[c].second == no_group ? CutGraph::ground : ends[c].second + 1;
        if (!is_added[ends[c].first]) std::swap(tail, head);
        graph.edges.push_back({tail, head, classes[c]});
    }
    return graph;
}

}  // namespace meterveil::prove
