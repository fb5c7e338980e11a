#include "security/key_files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include <nb/base/verror.h>

#include "security/file_errors.h"
#include "v.io/x/ref/lib/security/security.vdl.h"

namespace nb::security {
namespace {

constexpr unsigned kKeyFileMode = 0400;
constexpr std::size_t kMaxKeyFileBytes = 64 << 10;

std::string private_path(const std::string& folder) { return folder + "/privatekey.pem"; }
std::string public_path(const std::string& folder) { return folder + "/publickey.pem"; }
std::string unfinished(const std::string& path) { return path + ".new"; }

// Text that is wiped in the end. It has one place in memory from the beginning on.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { ::explicit_bzero(text_.data(), text_.size()); }
  std::string& text() { return text_; }

 private:
  std::string text_;
};

struct Descriptor {
  int file = -1;
  ~Descriptor() {
    if (file >= 0) ::close(file);
  }
};

// The mode is that of the file that is read, whatever happens to its name meanwhile. None: there is no such file.
struct Permits {
  unsigned mode = 0;
  ::uid_t owner = 0;
};
Result<std::optional<Permits>> read_secret(const std::string& path, Secret& secret) {
  const Descriptor opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (opened.file < 0) {
    if (errno == ENOENT) return std::optional<Permits>();
    return file_error("open", path);
  }
  struct stat found {};
  if (::fstat(opened.file, &found) != 0) return file_error("look at", path);
  if (!S_ISREG(found.st_mode)) return verror::BadArg("\"" + path + "\" is no ordinary file");
  auto& text = secret.text();
  text.resize(kMaxKeyFileBytes + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(opened.file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxKeyFileBytes) return verror::BadArg("\"" + path + "\" is too large for a private key");
  text.resize(size);
  return std::optional(Permits{static_cast<unsigned>(found.st_mode & 07777), found.st_uid});
}

Result<PublicKey> read_public_key(FileOperations& files, const std::string& path) {
  const auto content = files.read(path, kMaxKeyFileBytes);
  if (!content) return content.error();
  if (!*content) return verror::NoExist("there is no \"" + path + "\"");
  auto key = PublicKey::from_pem(as_text(**content));
  if (!key) return key.error().with_message("\"" + path + "\": " + std::string(key.error().message()));
  return key;
}

Result<void> object(const std::string& text, const CredentialsOptions& options) {
  if (!options.accepts_readable_key()) return verror::NoAccess(text).with_action(NoRetry);
  if (options.log() != nullptr) options.log()->log(Severity::kWarning, text);
  return {};
}

// Root can do everything anyway.
bool is_trusted(::uid_t owner) { return owner == ::geteuid() || owner == 0; }

Result<void> check_mode(unsigned mode, const std::string& path, const CredentialsOptions& options) {
  if ((mode & 077) == 0) return {};
  const std::string text = "the private key \"" + path + "\" is open to others than its owner (chmod 400 helps)";
  return object(text, options);
}

void say_why(const CredentialsOptions& options, std::string_view why) {
  if (options.log() == nullptr) return;
  options.log()->log(Severity::kError, "the principal can check and not sign: " + std::string(why));
}

Result<PrivateKey> read_private_key(const std::string& path, const CredentialsOptions& options) {
  Secret pem;
  const auto permits = read_secret(path, pem);
  if (!permits) return permits.error();
  if (!*permits) {
    if (!options.is_read_only()) return verror::NoExist("there is no \"" + path + "\"");
    say_why(options, "there is no private key");
    return PrivateKey();
  }
  if (auto fits = check_mode((*permits)->mode, path, options); !fits) return fits.error();
  if (!is_trusted((*permits)->owner)) {
    const std::string text = "the private key \"" + path + "\" belongs to somebody else (chown helps)";
    if (auto fits = object(text, options); !fits) return fits.error();
  }
  auto key = PrivateKey::from_pem(pem.text(), options.passphrase());
  if (key) return key;
  if (options.is_read_only() && x::ref::lib::security::errPassphraseRequired.matches(key.error())) {
    say_why(options, "its private key is encrypted, and no passphrase was given");
    return PrivateKey();
  }
  return key.error().with_message("\"" + path + "\": " + std::string(key.error().message()));
}

Result<bool> exists(FileOperations& files, const std::string& path) {
  const auto stamp = files.stamp(path);
  if (!stamp) return stamp.error();
  return stamp->has_value();
}

// Whether a creation was cut short: the private key has not got its name yet.
Result<void> remove_unfinished(FileOperations& files, const std::string& folder) {
  const auto has_private = exists(files, private_path(folder));
  const auto has_public = exists(files, public_path(folder));
  const auto has_fresh = exists(files, unfinished(private_path(folder)));
  for (const auto* one : {&has_private, &has_public, &has_fresh}) {
    if (!*one) return one->error();
  }
  if (*has_private || (*has_public && !*has_fresh)) {
    return verror::Exist("there are keys in \"" + folder + "\" already");
  }
  auto done = files.remove(public_path(folder));
  if (done) done = files.remove(unfinished(public_path(folder)));
  if (done) done = files.remove(unfinished(private_path(folder)));
  return done;
}

}  // namespace

Result<void> check_folder(const std::string& folder, const CredentialsOptions& options) {
  struct stat found {};
  if (::stat(folder.c_str(), &found) != 0) return file_error("look at", folder);
  if (!S_ISDIR(found.st_mode)) return verror::BadArg("\"" + folder + "\" is no folder");
  if ((found.st_mode & 022) != 0) {
    const auto text =
        "others than its owner can write in the folder of credentials \"" + folder + "\" (chmod 700 helps)";
    if (auto fits = object(text, options); !fits) return fits;
  }
  if (is_trusted(found.st_uid)) return {};
  return object("the folder of credentials \"" + folder + "\" belongs to somebody else (chown helps)", options);
}

Result<void> create_key_files(FileOperations& files, const std::string& folder, const PrivateKey& key,
                              const Passphrase& passphrase) {
  auto pem = key.to_pem(passphrase);
  if (!pem) return pem.error();
  Secret secret(*std::move(pem));
  auto done = remove_unfinished(files, folder);
  if (done) done = write_new_file(files, unfinished(private_path(folder)), kKeyFileMode, as_bytes(secret.text()));
  if (done)
    done = write_new_file(files, unfinished(public_path(folder)), kKeyFileMode, as_bytes(key.public_key().pem()));
  if (done) done = files.sync_folder(folder);
  // The private key comes last: with it the folder is there.
  if (done) done = files.rename(unfinished(public_path(folder)), public_path(folder));
  if (done) done = files.rename(unfinished(private_path(folder)), private_path(folder));
  if (done) done = files.sync_folder(folder);
  return done;
}

Result<FolderKeys> read_key_files(FileOperations& files, const std::string& folder, const CredentialsOptions& options) {
  auto public_key = read_public_key(files, public_path(folder));
  if (!public_key) return public_key.error();
  auto private_key = read_private_key(private_path(folder), options);
  if (!private_key) return private_key.error();
  if (*private_key && !(private_key->public_key() == *public_key)) {
    return verror::BadArg("the private key in \"" + folder + "\" is not the one that publickey.pem belongs to");
  }
  FolderKeys keys;
  keys.public_key = *std::move(public_key);
  keys.private_key = *std::move(private_key);
  return keys;
}

}  // namespace nb::security
