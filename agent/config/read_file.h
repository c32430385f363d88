// The whole of a small file.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace streamgauge {

// The content, or why it cannot be read, in words that do not name the file.
std::expected<std::string, std::string> ReadFile(const std::filesystem::path& file);

}  // namespace streamgauge
