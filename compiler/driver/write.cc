#include "driver/write.h"

#include "driver/messages.h"
#include "load/paths.h"

namespace vdlc {
namespace {

std::string escaped(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (c == ' ' || c == '#' || c == '\\') text += '\\';
    if (c == '$') text += '$';
    text += c;
  }
  return text;
}

}  // namespace

void write_files(const std::vector<OutputFile>& outputs, const std::string& directory, FileSystem& files,
                 Diagnostics& diagnostics) {
  const std::string here = files.current_directory();
  for (const OutputFile& output : outputs) {
    const std::string path = output_path(directory, output.path, here);
    if (const auto present = files.read(path); present && *present == output.text) continue;
    if (const auto written = files.write(path, output.text); !written) {
      diagnostics.error(kNotWritten, path, std::string(written.error().message()));
    }
  }
}

std::string make_depfile(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs) {
  std::string text;
  for (const std::string& output : outputs) text += (text.empty() ? "" : " ") + escaped(output);
  text += ":";
  for (const std::string& input : inputs) text += " \\\n  " + escaped(input);
  return text + "\n";
}

std::string output_path(std::string_view directory, std::string_view path, std::string_view here) {
  const std::string full = absolute_path(here, join_path(directory, path));
  std::string rest;
  return is_below(full, here, &rest) ? rest : full;
}

}  // namespace vdlc
