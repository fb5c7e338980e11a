#include "check/testing.h"

#include "syntax/parse.h"

namespace vdlc::testing {

std::string World::add(const std::string& path, const std::vector<std::string>& files) {
  Diagnostics diagnostics;
  ast::Package package;
  package.path = package.gen_path = path;
  bool parsed = true;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const FileId id = sources_.add("f" + std::to_string(i) + ".vdl", path, files[i]);
    if (auto tree = parse(sources_.file(id), diagnostics)) {
      package.files.push_back(std::move(*tree));
    } else {
      parsed = false;
    }
  }
  last_ = nullptr;
  if (parsed && !files.empty()) {
    package.name = package.files[0].package.text;
    if (auto model = check(package, program_, diagnostics)) {
      last_ = model.get();
      program_.packages.push_back(std::move(model));
    }
  }
  std::string ids;
  texts_.clear();
  for (const Diagnostic* diagnostic : diagnostics.sorted()) {
    const std::string id(diagnostic->id);
    ids += (ids.empty() ? "" : " ") + (diagnostic->severity == Severity::kWarning ? "(" + id + ")" : id);
    texts_ += id + ": " + diagnostic->text + '\n';
  }
  return ids;
}

std::string ids_of(const std::string& body) { return World().add("a", {"package a\n" + body + '\n'}); }

std::string value_of(const std::string& body) {
  World world;
  const std::string ids = world.add("a", {"package a\n" + body + '\n'});
  if (world.last() == nullptr) return ids;
  const auto* constant = world.last()->find_const("A");
  return constant ? constant->value.to_string() : "no constant A";
}

}  // namespace vdlc::testing
