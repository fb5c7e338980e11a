#include <nb/base/check.h>

#include <cstdio>
#include <cstdlib>

namespace nb {

void check_failed(const char* condition, const char* belief, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: a bug in the program: believed that %s (%s)\n", file, line, belief, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace nb
