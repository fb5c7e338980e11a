// Source text: files the compiler has read, and places in them.
//
// A Span is two byte offsets in one file: small, copyable, comparable. Lines and columns are computed when somebody
// looks (docs/spec/vdl-language.md 1.1: both from 1, columns count code points).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace vdlc {

enum class FileId : std::uint32_t {};

struct Span {
  FileId file{};
  std::uint32_t begin = 0;  // byte offset of the first byte
  std::uint32_t end = 0;    // byte offset behind the last byte; end == begin points between two bytes

  friend bool operator==(const Span&, const Span&) = default;
  friend auto operator<=>(const Span&, const Span&) = default;
};

// The smallest span that holds both; they must be in one file.
Span join(Span a, Span b);

struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// The offset of the first byte of every line.
std::vector<std::uint32_t> find_line_starts(std::string_view text);

struct SourceFile {
  FileId id{};
  std::string path;     // as shown to people: relative to the working directory where possible
  std::string package;  // package path, "" for a free-standing config
  std::string text;     // bytes as read, a leading byte order mark removed
};

// All files of one run. Files are added by the loader and never change; references stay valid.
class Sources {
 public:
  FileId add(std::string path, std::string package, std::string text);
  const SourceFile& file(FileId id) const;
  std::size_t size() const { return files_.size(); }

  LineColumn position(FileId id, std::uint32_t offset) const;
  // The whole line that holds the offset, without its end.
  std::string_view line(FileId id, std::uint32_t offset) const;

 private:
  const std::vector<std::uint32_t>& line_starts(FileId id) const;

  std::deque<SourceFile> files_;
  mutable std::vector<std::vector<std::uint32_t>> line_starts_;  // made on first use, per file
};

}  // namespace vdlc
