// Lets a server run until somebody presses Ctrl-C or sends SIGTERM. Make it first thing in main: threads that start
// later, the runtime's, then leave the two signals to wait().
#pragma once

#include <csignal>

class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  void wait() const {
    int which = 0;
    sigwait(&signals_, &which);
  }

 private:
  sigset_t signals_;
};
