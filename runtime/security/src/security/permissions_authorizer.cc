// The authorizers that go by permissions and the tags of methods.
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nb/base/verror.h>
#include <nb/security/access.h>
#include <nb/security/blessing_names.h>

namespace nb {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

Result<void> check_tag_type(const Type& type) {
  if (type.kind() == Kind::kString) return {};
  return verror::BadArg("tags are strings, not " + type.to_string());
}

Result<void> authorize_by_tag(const Permissions& permissions, const Type& tag_type, const Context& context,
                              const SecurityCall& call) {
  std::optional<std::string> found;
  for (const auto& any : call.method_tags) {
    if (any.type() != tag_type) continue;
    if (found) return v23::security::access::MultipleTags(call.suffix, call.method, std::string(tag_type.name()));
    const auto tag = any.vdl();
    if (!tag) return tag.error();
    found = tag->as_string();
  }
  if (!found) return v23::security::access::NoTags(call.suffix, call.method, std::string(tag_type.name()));
  const auto remote = remote_blessing_names(context, call);
  const auto list = permissions.find(*found);
  if (list != permissions.end() && includes(list->second, remote.valid)) return {};
  return v23::security::access::NoPermissions(remote.valid, remote.rejected, *found);
}

// None when it cannot be read or is too large.
std::optional<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return std::nullopt;
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) || text.size() > kMaxFileBytes) return std::nullopt;
  return text;
}

}  // namespace

Result<std::shared_ptr<const Authorizer>> permissions_authorizer(Permissions permissions, Type tag_type) {
  if (auto fit = check_tag_type(tag_type); !fit) return fit.error();
  return authorizer([permissions = std::move(permissions), tag_type = std::move(tag_type)](const Context& context,
                                                                                           const SecurityCall& call) {
    return authorize_by_tag(permissions, tag_type, context, call);
  });
}

std::shared_ptr<const Authorizer> permissions_authorizer(Permissions permissions) {
  return permissions_authorizer(std::move(permissions), Codec<v23::security::access::Tag>::type()).value();
}

Result<std::shared_ptr<const Authorizer>> permissions_file_authorizer(std::string path, Type tag_type) {
  if (auto fit = check_tag_type(tag_type); !fit) return fit.error();
  return authorizer([path = std::move(path), tag_type = std::move(tag_type)](const Context& context,
                                                                             const SecurityCall& call) -> Result<void> {
    const auto text = read_file(path);
    if (!text) return verror::Internal("the file of permissions cannot be read");
    const auto permissions = permissions_from_json(*text);
    if (!permissions) return verror::Internal("the file of permissions is malformed");
    return authorize_by_tag(*permissions, tag_type, context, call);
  });
}

}  // namespace nb
