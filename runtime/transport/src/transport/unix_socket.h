// A listening unix socket and its file. Internal to unix.
#pragma once

#include <sys/types.h>

#include <nb/base/result.h>

#include "transport/unix_address.h"

namespace nb::transport {

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int get() const { return number_; }
  int release();

 private:
  int number_;
};

// A stream socket that does not block and does not survive exec; less than 0: errno says why.
Descriptor open_unix_socket();

struct UnixListening {
  Descriptor socket;
  // Which file is ours; 0 for an abstract name.
  dev_t device = 0;
  ino_t inode = 0;
};

// Binds and listens. A dead socket's file at that path is replaced.
Result<UnixListening> listen_unix_socket(const UnixAddress& address);

// Removes the file, unless somebody has put another one there.
void unlink_unix_socket(const UnixAddress& address, dev_t device, ino_t inode);

}  // namespace nb::transport
