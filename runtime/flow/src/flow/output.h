// Output: a batch of frames in wire order, ready to be written with one system call.
//
// Message headers and small payloads lie one behind the other in one block; a large payload stays where the writer
// put it and is only pointed at. So a batch of small frames is one buffer, and bulk data is not copied:
//
//   block   | len hdr payload | len hdr payload | len hdr |               | len hdr payload |
//   buffers |<------------- one ------------------------->|<-- payload -->|<----- one ----->|
//
// With a cipher each frame is sealed as it ends, in place, the large payloads too; the tag stands in the block, before
// the message's header or behind its last piece. Views stay valid while the Output lives and are not changed by moving
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <nb/base/bytes.h>

#include "flow/mutable_bytes.h"

namespace nb::flow {

class Cipher;

class Output {
 public:
  // `cipher` seals the frames; null: they leave as they are. It must outlive the building.
  explicit Output(Cipher* cipher = nullptr) : cipher_(cipher) {}

  bool empty() const { return frames_.empty(); }
  std::size_t size() const { return size_; }  // bytes on a stream transport, length headers included
  std::size_t frame_count() const { return frames_.size(); }

  // For stream transports: everything, in order; neighbours in memory are one buffer.
  std::vector<BytesView> buffers() const;
  // For transports that keep messages apart (websocket, nested connections): frame `i` without its length.
  std::vector<BytesView> frame(std::size_t i) const;
  bool is_sealed(std::size_t i) const { return frames_.at(i).is_sealed; }
  // Copies; for tests and for transports that need one piece.
  Bytes flat() const;
  Bytes flat_frame(std::size_t i) const;

  // Building, one frame at a time. begin_frame gives the block to append the message's header to.
  Bytes& begin_frame() { return begin(cipher_); }
  Bytes& begin_clear_frame() { return begin(nullptr); }  // this one is not sealed
  void append(BytesView bytes);                          // copied into the block
  // Pointed at, and sealed where it lies. Shared: the flow's queue may still own the rest of the chunk.
  void append(std::shared_ptr<Bytes> chunk, std::size_t offset, std::size_t size);
  void end_frame();  // fills in the length; a frame longer than the format allows is a bug of the caller

 private:
  struct Piece {
    std::shared_ptr<Bytes> chunk;  // null: in the block
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  struct Frame {
    std::size_t first_piece = 0;
    std::size_t end_piece = 0;
    bool is_sealed = false;
  };

  BytesView view(const Piece& piece) const;
  Bytes& begin(Cipher* cipher);
  void close_piece();
  void seal();

  Cipher* cipher_;
  Cipher* frame_cipher_ = nullptr;  // the open frame's
  std::size_t size_ = 0;
  std::size_t frame_begin_ = 0;  // where the open frame's length stands in the block
  std::size_t piece_begin_ = 0;  // first byte of the block that belongs to no piece yet
  Bytes block_;
  std::vector<Piece> pieces_;
  std::vector<Frame> frames_;
  std::vector<MutableBytes> to_seal_;  // kept between frames for its memory
};

}  // namespace nb::flow
