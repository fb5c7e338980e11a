#include "check/graph.h"

#include <algorithm>

namespace vdlc::passes {

// Tarjan's algorithm with its stack of calls kept in `path`.
std::vector<std::vector<std::uint32_t>> components(const Graph& edges) {
  constexpr std::uint32_t kUnseen = 0xffffffff;
  struct Frame {
    std::uint32_t node;
    std::size_t next_edge;
  };
  std::vector<std::uint32_t> number(edges.size(), kUnseen);
  std::vector<std::uint32_t> lowest(edges.size());
  std::vector<bool> is_open(edges.size());
  std::vector<std::uint32_t> open;
  std::vector<std::vector<std::uint32_t>> result;
  std::uint32_t count = 0;

  for (std::uint32_t root = 0; root < edges.size(); ++root) {
    if (number[root] != kUnseen) continue;
    std::vector<Frame> path;
    const auto enter = [&](std::uint32_t node) {
      number[node] = lowest[node] = count++;
      open.push_back(node);
      is_open[node] = true;
      path.push_back({node, 0});
    };
    enter(root);
    while (!path.empty()) {
      const std::uint32_t node = path.back().node;
      if (path.back().next_edge < edges[node].size()) {
        const std::uint32_t target = edges[node][path.back().next_edge++];
        if (number[target] == kUnseen) {
          enter(target);
        } else if (is_open[target]) {
          lowest[node] = std::min(lowest[node], number[target]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) lowest[path.back().node] = std::min(lowest[path.back().node], lowest[node]);
      if (lowest[node] != number[node]) continue;
      std::vector<std::uint32_t> component;
      std::uint32_t member;
      do {
        member = open.back();
        open.pop_back();
        is_open[member] = false;
        component.push_back(member);
      } while (member != node);
      std::sort(component.begin(), component.end());
      result.push_back(std::move(component));
    }
  }
  return result;
}

bool is_cycle(const Graph& edges, const std::vector<std::uint32_t>& component) {
  if (component.size() > 1) return true;
  const auto& own = edges[component[0]];
  return std::find(own.begin(), own.end(), component[0]) != own.end();
}

std::vector<std::uint32_t> dependency_order(const Graph& edges) {
  struct Frame {
    std::uint32_t node;
    std::size_t next_edge;
  };
  std::vector<bool> seen(edges.size());
  std::vector<std::uint32_t> order;
  for (std::uint32_t root = 0; root < edges.size(); ++root) {
    if (seen[root]) continue;
    seen[root] = true;
    std::vector<Frame> path = {{root, 0}};
    while (!path.empty()) {
      const std::uint32_t node = path.back().node;
      if (path.back().next_edge == edges[node].size()) {
        order.push_back(node);
        path.pop_back();
        continue;
      }
      const std::uint32_t target = edges[node][path.back().next_edge++];
      if (seen[target]) continue;
      seen[target] = true;
      path.push_back({target, 0});
    }
  }
  return order;
}

std::vector<bool> reaching(const Graph& edges, std::vector<bool> marked) {
  Graph users(edges.size());
  std::vector<std::uint32_t> work;
  for (std::uint32_t node = 0; node < edges.size(); ++node) {
    for (const std::uint32_t target : edges[node]) users[target].push_back(node);
    if (marked[node]) work.push_back(node);
  }
  while (!work.empty()) {
    const std::uint32_t node = work.back();
    work.pop_back();
    for (const std::uint32_t user : users[node]) {
      if (marked[user]) continue;
      marked[user] = true;
      work.push_back(user);
    }
  }
  return marked;
}

}  // namespace vdlc::passes
