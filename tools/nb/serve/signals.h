// How a verb that serves learns that it shall end: SIGTERM or SIGINT.
#pragma once

#include <csignal>

namespace tool {

// Make one before there are other threads: these then leave the signals to it.
class EndSignals {
 public:
  EndSignals();
  // Until one comes. A second one, while the program ends, ends it at once.
  void wait();

 private:
  sigset_t signals_{};
};

}  // namespace tool
