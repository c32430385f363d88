// A server's reply as one flat list of values instead of a tree of allocations: made once per
// connection and used again for every reply. What is nested deeper than a command needs (the
// payloads of entries) is dropped while it is parsed and never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge {

enum class ReplyKind : std::uint8_t { kNil, kText, kError, kInteger, kArray };

class Reply;

// The storage of one reply, in depth-first order. Written by the connection's parser.
class ReplyTape {
 public:
  // Forgets the reply, and the memory of one that was unusually large.
  void Clear();
  // Values deeper than this are dropped; the reply itself has depth 0.
  void set_keep_depth(std::size_t depth) { keep_depth_ = depth; }
  bool Keeps(std::size_t depth) const { return depth <= keep_depth_; }
  void Drop(std::size_t bytes) { dropped_bytes_ += bytes; }
  // No more values may be appended: a node is larger than the smallest value on the wire.
  bool full() const { return nodes_.size() >= kMaxNodes; }

  // Each returns the new value's position. REQUIRES: parents are appended before their children.
  std::size_t AppendText(ReplyKind kind, std::string_view text);
  std::size_t AppendInteger(std::int64_t value);
  std::size_t AppendNil();
  std::size_t AppendArray(std::size_t children);
  // Notes that the value at `position` reaches to the present end of the tape.
  void Extend(std::size_t position);

  std::uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  friend class Reply;
  struct Node {
    ReplyKind kind = ReplyKind::kNil;
    std::uint32_t end = 0;    // one past its last descendant
    std::int64_t number = 0;  // the integer, the number of children, or where the text begins
    std::size_t text_size = 0;
  };
  std::size_t Append(Node node);

  static constexpr std::size_t kMaxNodes = 2'000'000;
  // What is held on to between replies.
  static constexpr std::size_t kSpareNodes = std::size_t{1} << 16;
  static constexpr std::size_t kSpareText = std::size_t{1} << 20;

  std::vector<Node> nodes_;
  std::string text_;
  std::size_t keep_depth_ = 0;
  std::uint64_t dropped_bytes_ = 0;
};

// A value on the tape. Cheap to copy; valid until the tape's next reply.
class Reply {
 public:
  Reply(const ReplyTape& tape, std::size_t position) : tape_(&tape), position_(position) {}

  ReplyKind kind() const { return node().kind; }
  bool IsError() const { return kind() == ReplyKind::kError; }
  bool IsArray() const { return kind() == ReplyKind::kArray; }
  // The text of a string, status or error; empty for everything else.
  std::string_view text() const;
  // An integer, or a string that is one (RESP2 and RESP3 differ here and there).
  std::optional<std::int64_t> integer() const;
  std::optional<std::uint64_t> count() const;  // the same, when it is not negative
  // The number of children, dropped ones included; 0 for everything that is no array.
  std::size_t size() const;
  // Bytes of the strings that were dropped, of the whole reply.
  std::uint64_t dropped_bytes() const { return tape_->dropped_bytes(); }

  class Iterator {
   public:
    Iterator(const ReplyTape& tape, std::size_t position) : tape_(&tape), position_(position) {}
    Reply operator*() const { return Reply(*tape_, position_); }
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return position_ == other.position_; }

   private:
    const ReplyTape* tape_;
    std::size_t position_;
  };
  Iterator begin() const { return Iterator(*tape_, IsArray() ? position_ + 1 : node().end); }
  Iterator end() const { return Iterator(*tape_, node().end); }
  // The child at `index`, or empty. Linear in `index`.
  std::optional<Reply> At(std::size_t index) const;

 private:
  const ReplyTape::Node& node() const { return tape_->nodes_[position_]; }

  const ReplyTape* tape_;
  std::size_t position_;
};

}  // namespace streamgauge
