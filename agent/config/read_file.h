// The whole of a small file. Called while requests and signals wait: what is no regular file, or
// larger than 16 MiB, is refused instead of being waited for.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace streamgauge {

// The content, or why it cannot be read, in words that do not name the file.
std::expected<std::string, std::string> ReadFile(const std::filesystem::path& file);

}  // namespace streamgauge
