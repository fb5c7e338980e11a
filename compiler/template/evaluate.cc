#include "template/evaluate.h"

#include <nlohmann/json.hpp>

#include "template/messages.h"

namespace vdlc::tmpl {
namespace {

using nlohmann::json;

// "a list" and so on, for messages.
std::string_view describe_kind(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "a list";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return "a whole number";
    case json::value_t::number_float:
      return "a fraction";
    case json::value_t::binary:
    case json::value_t::discarded:
      break;
  }
  return "not a value";
}

std::string list_members(const json& object) {
  std::string names;
  for (const auto& [name, value] : object.items()) names += (names.empty() ? "`" : ", `") + name + "`";
  return names.empty() ? "nothing" : names;
}

// A name that a loop or a partial has bound, innermost last.
struct Scope {
  std::string_view name;
  const json* value;
  Span span;  // where it was bound
};

class Evaluator {
 public:
  Evaluator(const Template& frame, const TemplateSet& templates, const json& document, const RenderLimits& limits,
            Diagnostics& diagnostics)
      : templates_(templates), document_(document), limits_(limits), diagnostics_(diagnostics), place_(frame.start) {}

  std::optional<Evaluated> run(const Template& frame) {
    Evaluated result;
    result_ = &result;
    if (!print_all(frame.nodes, result.text)) return std::nullopt;
    return result;
  }

 private:
  // Each of these answers false when a mistake was reported.
  bool print_all(const Nodes& nodes, std::string& out) {
    for (const Node& node : nodes) {
      if (++steps_ > limits_.steps) return fail(place_, kTooManySteps, limits_.steps);
      if (!std::visit([&](const auto& form) { return print(form, out); }, node.form)) return false;
      if (out.size() > limits_.output_bytes) return fail(place_, kOutputTooLarge, limits_.output_bytes);
    }
    return true;
  }

  bool print(const Text& text, std::string& out) {
    out += text.text;
    return true;
  }

  bool print(const Print& tag, std::string& out) {
    const json* value = find(tag.path);
    if (value == nullptr) return false;
    if (value->is_string()) {
      out += value->get_ref<const std::string&>();
    } else if (value->is_number_integer()) {
      out += value->dump();
    } else {
      return fail(tag.path.span, kNotPrintable, tag.path.text, describe_kind(*value));
    }
    return true;
  }

  bool print(const If& tag, std::string& out) {
    const json* value = find(tag.condition);
    if (value == nullptr) return false;
    if (!value->is_boolean()) {
      return fail(tag.condition.span, kNotABoolean, tag.condition.text, describe_kind(*value));
    }
    return print_all(value->get<bool>() != tag.negated ? tag.then : tag.otherwise, out);
  }

  bool print(const Each& tag, std::string& out) {
    const json* list = find(tag.list);
    if (list == nullptr) return false;
    if (!list->is_array()) return fail(tag.list.span, kNotAList, tag.list.text, describe_kind(*list));
    bool first = true;
    for (const json& element : *list) {
      if (!first) out += tag.separator;
      first = false;
      scopes_.push_back({tag.name, &element, tag.list.span});
      const bool good = print_all(tag.body, out);
      scopes_.pop_back();
      if (!good) return false;
      if (++steps_ > limits_.steps) return fail(tag.list.span, kTooManySteps, limits_.steps);
      if (out.size() > limits_.output_bytes) return fail(tag.list.span, kOutputTooLarge, limits_.output_bytes);
    }
    return true;
  }

  bool print(const Include& tag, std::string& out) {
    place_ = tag.span;
    const auto partial = templates_.partials.find(tag.name);
    if (partial == templates_.partials.end()) return fail(tag.span, kNoPartial, tag.name);
    if (depth_ == limits_.partial_depth) return fail(tag.span, kPartialsTooDeep, limits_.partial_depth);
    if (tag.value) {
      const json* value = find(*tag.value);
      if (value == nullptr) return false;
      scopes_.push_back({tag.alias, value, tag.value->span});
    }
    ++depth_;
    std::string text;
    const bool good = print_all(partial->second.nodes, text);
    --depth_;
    if (tag.value) scopes_.pop_back();
    return good && append_indented(text, tag, out);
  }

  bool print(const File& tag, std::string&) {
    if (depth_ > 0) return fail(tag.span, kFileInPartial);
    if (result_->file) return fail(tag.span, kFileTwice);
    std::string name;
    if (!print_all(tag.name, name)) return false;
    result_->file = std::move(name);
    result_->file_span = tag.span;
    return true;
  }

  bool append_indented(std::string_view text, const Include& tag, std::string& out) {
    if (tag.indent.empty()) {
      out += text;
      return true;
    }
    while (!text.empty()) {
      const auto newline = text.find('\n');
      const auto line = text.substr(0, newline == text.npos ? text.size() : newline + 1);
      if (line != "\n") out += tag.indent;
      out += line;
      text.remove_prefix(line.size());
      if (out.size() > limits_.output_bytes) return fail(tag.span, kOutputTooLarge, limits_.output_bytes);
    }
    return true;
  }

  const json* find(const Path& path) {
    place_ = path.span;
    const json* value = find_first(path);
    std::string so_far = path.parts.front().name;
    for (std::size_t i = 1; value != nullptr && i < path.parts.size(); ++i) {
      const auto& part = path.parts[i];
      if (!value->is_object()) {
        fail(part.span, kNotAnObject, so_far, describe_kind(*value), part.name);
        return nullptr;
      }
      const auto member = value->find(part.name);
      if (member == value->end()) {
        diagnostics_.error(part.span, kNoMember, so_far, part.name).note("it has " + list_members(*value));
        return nullptr;
      }
      value = &*member;
      so_far += '.' + part.name;
    }
    return value;
  }

  const json* find_first(const Path& path) {
    const std::string& name = path.parts.front().name;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (scope->name == name) return scope->value;
    }
    if (document_.is_object()) {
      if (const auto member = document_.find(name); member != document_.end()) return &*member;
    }
    auto& diagnostic = diagnostics_.error(path.parts.front().span, kNotDefined, name);
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      diagnostic.note(scope->span, "searched: `" + std::string(scope->name) + "`, bound here");
    }
    diagnostic.note("searched: the document, which has " +
                    (document_.is_object() ? list_members(document_) : std::string("no members")));
    return nullptr;
  }

  template <class... Declared, class... Args>
  bool fail(Span at, const Message<Declared...>& message, const Args&... args) {
    diagnostics_.error(at, message, args...);
    return false;
  }

  const TemplateSet& templates_;
  const json& document_;
  const RenderLimits& limits_;
  Diagnostics& diagnostics_;
  Evaluated* result_ = nullptr;
  std::vector<Scope> scopes_;
  Span place_;  // of the last tag looked at, for errors that have no better one
  int depth_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::optional<Evaluated> evaluate(const Template& frame, const TemplateSet& templates, const json& document,
                                  const RenderLimits& limits, Diagnostics& diagnostics) {
  return Evaluator(frame, templates, document, limits, diagnostics).run(frame);
}

}  // namespace vdlc::tmpl
