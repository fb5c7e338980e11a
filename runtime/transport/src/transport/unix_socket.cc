#include "transport/unix_socket.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport/errors.h"

namespace nb::transport {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

Error listen_error(const UnixAddress& address, const std::string& why) {
  return network_error("listening on unix " + address.text + ": " + why);
}

Error system_error(const UnixAddress& address, int number) {
  return listen_error(address, reason(std::error_code(number, std::generic_category())));
}

bool is_same(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

// Removes the file of a socket that nobody listens on any more.
Result<void> remove_dead(const UnixAddress& address) {
  const std::string& path = address.text;
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};  // gone meanwhile
    return system_error(address, errno);
  }
  if (!S_ISSOCK(found.st_mode)) return listen_error(address, "there is a file that is no socket");
  const Descriptor probe = open_unix_socket();
  if (probe.get() < 0) return system_error(address, errno);
  if (::connect(probe.get(), address.get(), address.size) == 0 || errno == EAGAIN) {
    return listen_error(address, "address already in use");
  }
  // Only this says that nobody listens. Another user's, or one of datagrams, is none of ours.
  if (errno != ECONNREFUSED) return system_error(address, errno);
  // Somebody else may have come to the same conclusion and listens there by now.
  struct stat again {};
  if (::lstat(path.c_str(), &again) == 0 && is_same(found, again) && ::unlink(path.c_str()) != 0) {
    return system_error(address, errno);
  }
  return {};
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() { return std::exchange(number_, -1); }

Descriptor open_unix_socket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

Result<UnixListening> listen_unix_socket(const UnixAddress& address) {
  UnixListening made{open_unix_socket()};
  const int socket = made.socket.get();
  if (socket < 0) return system_error(address, errno);
  // On Linux the file takes its mode from the socket, so there is no moment in which others could connect.
  if (!address.is_abstract() && ::fchmod(socket, kOwnerOnly) != 0) return system_error(address, errno);
  if (::bind(socket, address.get(), address.size) != 0) {
    if (errno != EADDRINUSE || address.is_abstract()) return system_error(address, errno);
    if (auto removed = remove_dead(address); !removed) return removed.error();
    if (::bind(socket, address.get(), address.size) != 0) return system_error(address, errno);
  }
  if (::listen(socket, SOMAXCONN) != 0) return system_error(address, errno);
  struct stat file {};
  if (!address.is_abstract() && ::lstat(address.text.c_str(), &file) == 0) {
    made.device = file.st_dev;
    made.inode = file.st_ino;
  }
  return made;
}

void unlink_unix_socket(const UnixAddress& address, dev_t device, ino_t inode) {
  if (address.is_abstract() || inode == 0) return;
  struct stat file {};
  if (::lstat(address.text.c_str(), &file) != 0 || file.st_dev != device || file.st_ino != inode) return;
  // It may fail when the folder is not ours any more; then the file is a dead socket's, for the next listener.
  (void)::unlink(address.text.c_str());
}

}  // namespace nb::transport
