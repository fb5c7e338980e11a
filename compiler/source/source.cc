#include "source/source.h"

#include <nb/base/check.h>

#include <algorithm>

namespace vdlc {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

Span join(Span a, Span b) {
  NB_CHECK(a.file == b.file, "joined spans lie in one file");
  return {a.file, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

std::vector<std::uint32_t> find_line_starts(std::string_view text) {
  std::vector<std::uint32_t> starts{0};
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    starts.push_back(static_cast<std::uint32_t>(at + 1));
  }
  return starts;
}

FileId Sources::add(std::string path, std::string package, std::string text) {
  if (std::string_view(text).starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  const auto id = static_cast<FileId>(files_.size());
  files_.push_back({id, std::move(path), std::move(package), std::move(text)});
  line_starts_.emplace_back();
  return id;
}

const SourceFile& Sources::file(FileId id) const {
  NB_CHECK(static_cast<std::size_t>(id) < files_.size(), "a FileId comes from these Sources");
  return files_[static_cast<std::size_t>(id)];
}

const std::vector<std::uint32_t>& Sources::line_starts(FileId id) const {
  const std::string& text = file(id).text;
  auto& starts = line_starts_[static_cast<std::size_t>(id)];
  if (starts.empty()) starts = find_line_starts(text);
  return starts;
}

LineColumn Sources::position(FileId id, std::uint32_t offset) const {
  const auto& starts = line_starts(id);
  const std::string_view text = file(id).text;
  offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
  const auto next = std::upper_bound(starts.begin(), starts.end(), offset);
  const std::string_view before = text.substr(*(next - 1), offset - *(next - 1));
  return {static_cast<std::uint32_t>(next - starts.begin()),
          static_cast<std::uint32_t>(1 + std::count_if(before.begin(), before.end(), starts_code_point))};
}

std::string_view Sources::line(FileId id, std::uint32_t offset) const {
  const auto& starts = line_starts(id);
  const std::string_view text = file(id).text;
  offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
  const std::uint32_t begin = *(std::upper_bound(starts.begin(), starts.end(), offset) - 1);
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace vdlc
