// Standard input, a line at a time, for a thread that can be told to stop waiting for the next one.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

#include <nb/base/result.h>

namespace tool {

class InputLines {
 public:
  InputLines();
  ~InputLines();
  InputLines(const InputLines&) = delete;
  InputLines& operator=(const InputLines&) = delete;

  // The next line that holds more than blanks, once it is there; nothing at the end, and after stop(). At most 16 MiB.
  nb::Result<std::optional<std::string>> next();
  // How many lines were read.
  std::size_t number() const { return number_; }
  // Any thread: next() has nothing more to give.
  void stop();

 private:
  // False: no more will come.
  nb::Result<bool> read_more();

  int wakes_[2] = {-1, -1};  // a pipe
  std::string pending_;
  bool ended_ = false;
  std::size_t number_ = 0;
};

}  // namespace tool
