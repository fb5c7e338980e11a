#include "flow/output.h"

#include <algorithm>

#include <nb/base/check.h>

#include "flow/cipher.h"
#include "flow/frame_reader.h"

namespace nb::flow {

BytesView Output::view(const Piece& piece) const {
  const Bytes& from = piece.chunk ? *piece.chunk : block_;
  return BytesView(from).subspan(piece.offset, piece.size);
}

std::vector<BytesView> Output::buffers() const {
  std::vector<BytesView> all;
  for (const Piece& piece : pieces_) {
    const BytesView next = view(piece);
    if (next.empty()) continue;
    if (!all.empty() && !piece.chunk && all.back().data() + all.back().size() == next.data()) {
      all.back() = {all.back().data(), all.back().size() + next.size()};
    } else {
      all.push_back(next);
    }
  }
  return all;
}

std::vector<BytesView> Output::frame(std::size_t i) const {
  const Frame& frame = frames_.at(i);
  std::vector<BytesView> all;
  for (std::size_t p = frame.first_piece; p < frame.end_piece; ++p) {
    BytesView next = view(pieces_[p]);
    if (p == frame.first_piece) next = next.subspan(kFrameHeaderSize);
    if (!next.empty()) all.push_back(next);
  }
  return all;
}

Bytes Output::flat() const {
  Bytes all;
  all.reserve(size_);
  for (const BytesView buffer : buffers()) all.insert(all.end(), buffer.begin(), buffer.end());
  return all;
}

Bytes Output::flat_frame(std::size_t i) const {
  Bytes all;
  for (const BytesView piece : frame(i)) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

Bytes& Output::begin(Cipher* cipher) {
  frame_cipher_ = cipher;
  frame_begin_ = block_.size();
  piece_begin_ = block_.size();
  frames_.push_back({pieces_.size(), pieces_.size(), cipher != nullptr});
  const bool tag_leads = cipher != nullptr && cipher->tag_leads();
  block_.resize(block_.size() + kFrameHeaderSize + (tag_leads ? kTagSize : 0));
  return block_;
}

void Output::append(BytesView bytes) { block_.insert(block_.end(), bytes.begin(), bytes.end()); }

void Output::append(std::shared_ptr<Bytes> chunk, std::size_t offset, std::size_t size) {
  close_piece();
  pieces_.push_back({std::move(chunk), offset, size});
}

void Output::close_piece() {
  if (piece_begin_ == block_.size()) return;
  pieces_.push_back({nullptr, piece_begin_, block_.size() - piece_begin_});
  piece_begin_ = block_.size();
}

void Output::end_frame() {
  if (frame_cipher_ != nullptr) seal();
  close_piece();
  Frame& frame = frames_.back();
  frame.end_piece = pieces_.size();
  std::size_t size = 0;
  for (std::size_t p = frame.first_piece; p < frame.end_piece; ++p) size += pieces_[p].size;
  const auto header = frame_header(size - kFrameHeaderSize);
  std::copy(header.begin(), header.end(), block_.begin() + static_cast<std::ptrdiff_t>(frame_begin_));
  size_ += size;
}

void Output::seal() {
  close_piece();
  const bool tag_leads = frame_cipher_->tag_leads();
  std::size_t skip = kFrameHeaderSize + (tag_leads ? kTagSize : 0);
  // All room is made before anything points into the block.
  if (!tag_leads) block_.resize(block_.size() + kTagSize);
  std::uint8_t* const tag = block_.data() + (tag_leads ? frame_begin_ + kFrameHeaderSize : block_.size() - kTagSize);
  to_seal_.clear();
  for (std::size_t p = frames_.back().first_piece; p < pieces_.size(); ++p) {
    const Piece& piece = pieces_[p];
    Bytes& from = piece.chunk ? *piece.chunk : block_;
    to_seal_.push_back(MutableBytes(from).subspan(piece.offset + skip, piece.size - skip));
    skip = 0;
  }
  frame_cipher_->seal(to_seal_, tag);
}

}  // namespace nb::flow
