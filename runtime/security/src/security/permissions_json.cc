// Permissions as JSON. What is read is taken literally: a misspelled field, or a tag or field that stands there twice,
// would mean other permissions than its author thinks, and is refused.
#include <nlohmann/json.hpp>

#include <nb/base/verror.h>
#include <nb/security/access.h>

namespace nb {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

// Takes events of the parser, which has no stack of calls; the depth is at most that of a list of names.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Permissions& permissions() { return permissions_; }
  const std::string& mistake() const { return mistake_; }

  bool null() override {
    if (place_ == Place::kField) return done_with_field();
    if (place_ == Place::kTag) return done_with_tag();
    return fail("null where it means nothing");
  }
  bool boolean(bool) override { return fail("a boolean"); }
  bool number_integer(number_integer_t) override { return fail("a number"); }
  bool number_unsigned(number_unsigned_t) override { return fail("a number"); }
  bool number_float(number_float_t, const string_t&) override { return fail("a number"); }
  bool binary(binary_t&) override { return fail("binary data"); }

  bool string(string_t& text) override {
    if (place_ != Place::kList) return fail("a string where a list of strings belongs");
    if (field_ == "In") {
      list_->In.emplace_back(std::move(text));
    } else {
      list_->NotIn.push_back(std::move(text));
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::kStart) {
      place_ = Place::kTags;
    } else if (place_ == Place::kTag) {
      place_ = Place::kFields;
      seen_in_ = seen_not_in_ = false;
    } else {
      return fail("an object where none belongs");
    }
    return true;
  }

  bool key(string_t& name) override {
    if (place_ == Place::kTags) {
      const auto [at, is_new] = permissions_.try_emplace(name);
      if (!is_new) return fail("the tag `" + name + "` twice");
      list_ = &at->second;
      place_ = Place::kTag;
      return true;
    }
    bool& seen = name == "In" ? seen_in_ : seen_not_in_;
    if (name != "In" && name != "NotIn") return fail("the field `" + name + "`, which is neither In nor NotIn");
    if (seen) return fail("the field `" + name + "` twice");
    seen = true;
    field_ = name;
    place_ = Place::kField;
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kFields) return done_with_tag();
    place_ = Place::kEnd;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::kField) return fail("a list where none belongs");
    place_ = Place::kList;
    return true;
  }
  bool end_array() override { return done_with_field(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail("no JSON at byte " + std::to_string(position));
  }

 private:
  // Where the next event stands: {kTags "tag": kTag {kFields "In": kField [kList "name"]}}.
  enum class Place { kStart, kTags, kTag, kFields, kField, kList, kEnd };

  bool done_with_field() {
    place_ = Place::kFields;
    return true;
  }
  bool done_with_tag() {
    place_ = Place::kTags;
    return true;
  }
  bool fail(std::string what) {
    if (mistake_.empty()) mistake_ = std::move(what);
    return false;
  }

  Permissions permissions_;
  Place place_ = Place::kStart;
  AccessList* list_ = nullptr;  // of the tag that is being read
  std::string field_;           // of the list
  bool seen_in_ = false;
  bool seen_not_in_ = false;
  std::string mistake_;
};

template <class T>
nlohmann::json list_or_null(const std::vector<T>& entries) {
  if (entries.empty()) return nullptr;
  auto list = nlohmann::json::array();
  for (const std::string& entry : entries) list.push_back(entry);
  return list;
}

}  // namespace

Result<Permissions> permissions_from_json(std::string_view json) {
  if (json.size() > kMaxBytes) return verror::BadArg("the permissions are too large");
  Reader reader;
  const bool parsed = nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  if (!parsed || !reader.mistake().empty()) return verror::BadArg("in permissions: " + reader.mistake());
  return std::move(reader.permissions());
}

Result<std::string> permissions_to_json(const Permissions& permissions) {
  auto json = nlohmann::ordered_json::object();
  for (auto [tag, list] : permissions) {
    normalize(list);
    json[tag] = nlohmann::ordered_json{{"In", list_or_null(list.In)}, {"NotIn", list_or_null(list.NotIn)}};
  }
  // A name can be any bytes. Another in its stead would be another name: one in NotIn would be let in again.
  try {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::strict);
  } catch (const nlohmann::json::exception&) {
    return verror::BadArg("in permissions: a tag or name that is not UTF-8 cannot be written as JSON");
  }
}

}  // namespace nb
