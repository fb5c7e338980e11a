#include "names/entry_text.h"

#include <chrono>

#include "words/visible.h"

namespace tool {

std::string time_left(const nb::Deadline& deadline) {
  if (!deadline) return "for ever";
  using namespace std::chrono;
  const auto left = duration_cast<seconds>(deadline.left());
  if (left.count() < 0) return "over";
  const auto h = duration_cast<hours>(left);
  const auto m = duration_cast<minutes>(left - h);
  const auto s = left - h - m;
  std::string text;
  if (h.count() > 0) text += std::to_string(h.count()) + "h";
  if (h.count() > 0 || m.count() > 0) text += std::to_string(m.count()) + "m";
  return text + std::to_string(s.count()) + "s";
}

std::string kind_of(const nb::MountEntry& entry) {
  return entry.ServesMountTable ? " (mount table)" : entry.IsLeaf ? " (leaf)" : "";
}

std::string called(const v23::naming::MountedServer& server, const nb::MountEntry& entry) {
  return entry.Name.empty() ? server.Server : server.Server + "/" + entry.Name;
}

Json to_json(const nb::MountEntry& entry) {
  Json servers = Json::array();
  for (const auto& server : entry.Servers) {
    servers.push_back(Json{{"server", visible(server.Server)}, {"left", time_left(server.Deadline)}});
  }
  return Json{{"name", visible(entry.Name)},
              {"mountTable", entry.ServesMountTable},
              {"leaf", entry.IsLeaf},
              {"servers", std::move(servers)}};
}

}  // namespace tool
