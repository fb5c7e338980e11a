// Access lists: includes, check_enforceable and the changes to lists.
#include <algorithm>

#include <nb/security/access.h>
#include <nb/security/blessing_names.h>
#include <nb/security/principal.h>

namespace nb {
namespace {

constexpr std::string_view kExactEnd = ":$";

bool is_open(const AccessList& list) {
  return list.NotIn.empty() && list.In.size() == 1 && list.In[0] == v23::security::AllPrincipals();
}

// Whether every name that `pattern` matches is one that a root for `root` may give out.
bool covers(const BlessingPattern& root, const BlessingPattern& pattern) {
  std::string_view name = pattern;
  const bool extendable = !name.ends_with(kExactEnd);
  if (!extendable) name.remove_suffix(kExactEnd.size());
  if (extendable && root.ends_with(kExactEnd)) return false;
  return matches(root, name);
}

template <class T>
void sort_and_unite(std::vector<T>& entries) {
  std::sort(entries.begin(), entries.end(), [](const std::string& a, const std::string& b) { return a < b; });
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
}

template <class T>
void remove_all(std::vector<T>& entries, const std::string& entry) {
  std::erase_if(entries, [&](const std::string& one) { return one == entry; });
}

}  // namespace

bool includes(const AccessList& list, const std::vector<std::string>& names) {
  std::vector<std::string> left;
  for (const auto& name : names) {
    const bool taken_out = std::any_of(list.NotIn.begin(), list.NotIn.end(), [&](const std::string& entry) {
      return matches_any(BlessingPattern(entry), {name});
    });
    if (!taken_out) left.push_back(name);
  }
  return std::any_of(list.In.begin(), list.In.end(),
                     [&](const BlessingPattern& pattern) { return matches_any(pattern, left); });
}

Result<void> check_enforceable(const AccessList& list, const Principal& principal) {
  if (is_open(list)) return {};
  const auto roots = principal.roots().dump();
  std::vector<BlessingPattern> rejected;
  for (const auto& pattern : list.In) {
    if (pattern == v23::security::AllPrincipals()) return v23::security::access::InvalidOpenAccessList();
    const bool covered =
        pattern == v23::security::NoExtension() ||
        std::any_of(roots.begin(), roots.end(), [&](const auto& root) { return covers(root.first, pattern); });
    if (!is_valid(pattern) || !covered) rejected.push_back(pattern);
  }
  if (rejected.empty()) return {};
  return v23::security::access::UnenforceablePatterns(rejected);
}

std::shared_ptr<const Authorizer> access_list_authorizer(AccessList list) {
  return authorizer([list = std::move(list)](const Context& context, const SecurityCall& call) -> Result<void> {
    const auto remote = remote_blessing_names(context, call);
    if (includes(list, remote.valid)) return {};
    return v23::security::access::AccessListMatch(remote.valid, remote.rejected);
  });
}

void normalize(AccessList& list) {
  sort_and_unite(list.In);
  sort_and_unite(list.NotIn);
}

void normalize(Permissions& permissions) {
  for (auto& [tag, list] : permissions) normalize(list);
}

void add(Permissions& permissions, const BlessingPattern& pattern, const std::vector<std::string>& tags) {
  for (const auto& tag : tags) {
    auto& list = permissions[tag];
    list.In.push_back(pattern);
    sort_and_unite(list.In);
  }
}

void blacklist(Permissions& permissions, const std::string& name, const std::vector<std::string>& tags) {
  for (const auto& tag : tags) {
    auto& list = permissions[tag];
    list.NotIn.push_back(name);
    sort_and_unite(list.NotIn);
  }
}

void clear(Permissions& permissions, const std::string& pattern_or_name, const std::vector<std::string>& tags) {
  for (auto& [tag, list] : permissions) {
    if (!tags.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end()) continue;
    remove_all(list.In, pattern_or_name);
    remove_all(list.NotIn, pattern_or_name);
  }
}

}  // namespace nb
