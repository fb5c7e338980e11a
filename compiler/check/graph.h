// Graphs over definitions: cycles and order, without recursion, because chains of definitions are as long as a user
// likes.
#pragma once

#include <cstdint>
#include <vector>

namespace vdlc::passes {

// edges[i]: what node i depends on, in source order.
using Graph = std::vector<std::vector<std::uint32_t>>;

// The strongly connected components, dependencies first. Members of one are in ascending order.
std::vector<std::vector<std::uint32_t>> components(const Graph& edges);

// Is the component a cycle: several nodes, or one that depends on itself?
bool is_cycle(const Graph& edges, const std::vector<std::uint32_t>& component);

// All nodes, each behind what it depends on where that is possible: depth first from node 0, 1, …
std::vector<std::uint32_t> dependency_order(const Graph& edges);

// Every node from which a marked one can be reached, the marked ones included.
std::vector<bool> reaching(const Graph& edges, std::vector<bool> marked);

}  // namespace vdlc::passes
