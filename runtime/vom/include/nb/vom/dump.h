// dump: a VOM stream in words, every byte of it (docs/spec/vom.md 7.6). For people, not for programs.
//
//   0000  81                version     0x81
//   0001  52                message id  value of type 41, t.NStruct
//   0002  03                length      3
//   0003  00                field       0, A
//   0004  01                bool        true
//   0005  e1                control     end of struct
//                           = t.NStruct{A: true}
//
// Goes as far as the bytes make sense, and then says what is wrong.
#pragma once

#include <string>

#include <nb/base/bytes.h>
#include <nb/vom/limits.h>

namespace nb::vom {

std::string dump(BytesView stream, const Limits& limits = Limits());

}  // namespace nb::vom
