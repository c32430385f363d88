#include "redis/reply.h"

#include <charconv>
#include <system_error>

namespace streamgauge {

void ReplyTape::Clear() {
  if (nodes_.capacity() > kSpareNodes) nodes_ = {};
  if (text_.capacity() > kSpareText) text_ = {};
  nodes_.clear();
  text_.clear();
  dropped_bytes_ = 0;
}

std::size_t ReplyTape::Append(Node node) {
  node.end = static_cast<std::uint32_t>(nodes_.size() + 1);
  nodes_.push_back(node);
  return nodes_.size() - 1;
}

std::size_t ReplyTape::AppendText(ReplyKind kind, std::string_view text) {
  const auto begin = static_cast<std::int64_t>(text_.size());
  text_ += text;
  return Append({.kind = kind, .number = begin, .text_size = text.size()});
}

std::size_t ReplyTape::AppendInteger(std::int64_t value) {
  return Append({.kind = ReplyKind::kInteger, .number = value});
}

std::size_t ReplyTape::AppendNil() { return Append({.kind = ReplyKind::kNil}); }

std::size_t ReplyTape::AppendArray(std::size_t children) {
  return Append({.kind = ReplyKind::kArray, .number = static_cast<std::int64_t>(children)});
}

void ReplyTape::Extend(std::size_t position) {
  nodes_[position].end = static_cast<std::uint32_t>(nodes_.size());
}

std::string_view Reply::text() const {
  const auto& value = node();
  if (value.kind != ReplyKind::kText && value.kind != ReplyKind::kError) return {};
  return std::string_view(tape_->text_)
      .substr(static_cast<std::size_t>(value.number), value.text_size);
}

std::optional<std::int64_t> Reply::integer() const {
  if (kind() == ReplyKind::kInteger) return node().number;
  if (kind() != ReplyKind::kText) return std::nullopt;
  const std::string_view digits = text();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> Reply::count() const {
  const auto value = integer();
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::size_t Reply::size() const { return IsArray() ? static_cast<std::size_t>(node().number) : 0; }

Reply::Iterator& Reply::Iterator::operator++() {
  position_ = tape_->nodes_[position_].end;
  return *this;
}

std::optional<Reply> Reply::At(std::size_t index) const {
  for (const Reply child : *this) {
    if (index-- == 0) return child;
  }
  return std::nullopt;
}

}  // namespace streamgauge
