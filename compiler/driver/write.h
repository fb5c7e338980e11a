// The last stage: output files and the depfile reach the disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diagnostics/diagnostics.h"
#include "load/file_system.h"
#include "template/render.h"

namespace vdlc {

// Writes each file whose text differs from what is there, in one step; others keep their time. CG10 if one cannot be
// written.
void write_files(const std::vector<OutputFile>& outputs, const std::string& directory, FileSystem& files,
                 Diagnostics& diagnostics);

// "out1 out2: in1 in2", in Make's syntax.
std::string make_depfile(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs);

// Where an output goes: below `directory`, relative to `here` (absolute) where that is possible, as build systems name
// it.
std::string output_path(std::string_view directory, std::string_view path, std::string_view here);

}  // namespace vdlc
