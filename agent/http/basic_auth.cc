#include "http/basic_auth.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <utility>

namespace streamgauge {
namespace {

// More than there are users and a rotation or two of them.
constexpr std::size_t kMostKnown = 1000;
// A user's name and a password; bcrypt itself looks at 72 bytes.
constexpr std::size_t kMostBytes = 2048;
// Of no password that anyone has; as costly as most are.
constexpr const char* kNobodysHash = "$2b$10$n.AGFo/ssCYuv8IaA/thReQfXO1huAg2oRnhP./ccuz2rGa9ltPSm";

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > kMostBytes) return std::nullopt;
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (padding > 2 || !text.ends_with(std::string_view("==").substr(0, padding))) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<Credentials> ParseBasic(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  const bool basic =
      std::ranges::equal(authorization.substr(0, kScheme.size()), kScheme, {},
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!basic) return std::nullopt;
  const auto text = DecodeBase64(authorization.substr(kScheme.size()));
  // A password with a null byte would be cut there by the hash.
  if (!text || text->find('\0') != std::string::npos) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

// Neither part can hold a null byte.
std::string Digest(const std::string& hash, const Credentials& credentials) {
  const std::string text = hash + '\0' + credentials.user + '\0' + credentials.password;
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

bool IsPassword(const std::string& password, const std::string& hash) {
  const auto work = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
  if (made == nullptr || std::string_view(made).size() != hash.size()) return false;
  return CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

}  // namespace

bool BasicAuth::LetsIn(const std::map<std::string, std::string>& users,
                       std::string_view authorization) {
  const auto credentials = ParseBasic(authorization);
  if (!credentials) return false;
  const auto user = users.find(credentials->user);
  const std::string& hash = user == users.end() ? kNobodysHash : user->second;
  std::string digest = Digest(hash, *credentials);
  if (IsKnown(digest)) return true;
  const std::lock_guard lock(hashing_);
  const bool right = IsPassword(credentials->password, hash) && user != users.end();
  if (right) Remember(std::move(digest));
  return right;
}

bool BasicAuth::IsKnown(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  return known_.contains(digest);
}

void BasicAuth::Remember(std::string digest) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_.insert(std::move(digest));
}

}  // namespace streamgauge
