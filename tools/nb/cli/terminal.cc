#include "cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cli/failure.h"

namespace tool {
namespace {

// Characters on their way into a passphrase: wiped when they are not needed any more.
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { explicit_bzero(bytes_.data(), bytes_.size()); }

  // False when it is full.
  bool add(char c) {
    if (size_ == bytes_.size()) return false;
    bytes_[size_++] = c;
    return true;
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 1023> bytes_{};
  std::size_t size_ = 0;
};

// One line without its end; false at the end of the file, on an error and when it is too long.
bool read_line(int file, Secret& line) {
  for (bool any = false;; any = true) {
    char c = 0;
    const ssize_t got = read(file, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return any;
    if (c == '\n') return true;
    if (!line.add(c)) return false;
  }
}

int g_terminal = -1;
termios g_saved;

void restore_and_die(int signal) {
  tcsetattr(g_terminal, TCSAFLUSH, &g_saved);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

// Turns echo off while it lives. One at a time: signal handlers can only reach globals.
class Silence {
 public:
  explicit Silence(int terminal) {
    g_terminal = terminal;
    if (tcgetattr(terminal, &g_saved) != 0) return;
    for (std::size_t i = 0; i < kSignals.size(); ++i) before_[i] = std::signal(kSignals[i], restore_and_die);
    termios silent = g_saved;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_on_ = tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (!is_on_) return;
    tcsetattr(g_terminal, TCSAFLUSH, &g_saved);
    for (std::size_t i = 0; i < kSignals.size(); ++i) std::signal(kSignals[i], before_[i]);
  }
  bool is_on() const { return is_on_; }

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGQUIT, SIGHUP};
  std::array<void (*)(int), kSignals.size()> before_{};
  bool is_on_ = false;
};

class File {
 public:
  explicit File(int number) : number_(number) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ > STDERR_FILENO) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

void say(int terminal, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(terminal, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

bool has_terminal() {
  const File terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  return terminal.number() >= 0;
}

nb::Result<nb::Passphrase> ask_passphrase(std::string_view prompt) {
  const File terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.number() < 0) {
    return failure("a passphrase is needed and there is no terminal to ask at; give it with --passphrase-file");
  }
  Secret line;
  bool read = false;
  {
    // Turning echo off throws away what was typed before: the prompt comes after it.
    const Silence silence(terminal.number());
    if (!silence.is_on()) return failure("the terminal cannot hide what is typed; give --passphrase-file");
    say(terminal.number(), prompt);
    read = read_line(terminal.number(), line);
  }
  say(terminal.number(), "\n");
  if (!read) return failure("no passphrase could be read from the terminal, or it has more than 1023 bytes");
  return nb::Passphrase(std::string(line.text()));
}

nb::Result<nb::Passphrase> ask_new_passphrase(std::string_view prompt) {
  for (;;) {
    auto first = ask_passphrase(prompt);
    if (!first || first->text().empty()) return first;
    auto second = ask_passphrase("The same again: ");
    if (!second || second->text() == first->text()) return second;
    const File terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (terminal.number() >= 0) say(terminal.number(), "These differ.\n");
  }
}

nb::Result<nb::Passphrase> read_passphrase_file(const std::string& path) {
  const File file(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return failure("--passphrase-file " + path + " cannot be read: " + std::strerror(errno));
  Secret line;
  if (!read_line(file.number(), line)) {
    return failure("--passphrase-file " + path + " is empty or its first line has more than 1023 bytes");
  }
  return nb::Passphrase(std::string(line.text()));
}

}  // namespace tool
