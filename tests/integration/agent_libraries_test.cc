// What --version and THIRD_PARTY.md say of libraries, against what the binary is linked with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "build_paths.h"
#include "support/process.h"

namespace streamgauge::test {
namespace {

using testing::StartsWith;

using Versions = std::map<std::string, std::string>;

// The lines of --version below the program's own and the compiler's: name -> version.
Versions Told() {
  const Finished finished =
      RunToEnd({.argv = {build_paths::AgentBinary(), "--version"}, .env = {}, .cwd = {}});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  std::istringstream lines(finished.out);
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  Versions versions;
  for (std::string name, version; lines >> name >> version;) versions[name] = version;
  return versions;
}

// The table of THIRD_PARTY.md: name -> version.
Versions Documented() {
  std::ifstream file(build_paths::Source() / "THIRD_PARTY.md");
  const std::regex row(R"(\| ([\w+-]+) \| ([\d.]+) \| [^|]+ \| [^|]+ \|)");
  Versions versions;
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, row)) versions[match[1]] = match[2];
  }
  return versions;
}

std::set<std::string> NamesOf(const Versions& versions) {
  std::set<std::string> names;
  for (const auto& [name, version] : versions) names.insert(name);
  return names;
}

// Which library a shared object is a part of, by the beginning of its name.
const std::map<std::string, std::string> kSharedObjects = {{"ld-linux", "glibc"},
                                                           {"libc", "glibc"},
                                                           {"libcrypt", "libcrypt"},
                                                           {"libcrypto", "OpenSSL"},
                                                           {"libcurl", "libcurl"},
                                                           {"libfmt", "fmt"},
                                                           {"libgcc_s", "libstdc++"},
                                                           {"liblz4", "lz4"},
                                                           {"libm", "glibc"},
                                                           {"libsasl2", "libsasl2"},
                                                           {"libspdlog", "spdlog"},
                                                           {"libssl", "OpenSSL"},
                                                           {"libstdc++", "libstdc++"},
                                                           {"libyaml-cpp", "yaml-cpp"},
                                                           {"libz", "zlib"},
                                                           {"libzstd", "zstd"},
                                                           {"librdkafka", "librdkafka"},
                                                           {"libhiredis", "hiredis"},
                                                           {"libhiredis_ssl", "hiredis"},
                                                           {"libcpp-httplib", "cpp-httplib"}};

TEST(Libraries, EveryVersionIsKnown) {
  for (const auto& [name, version] : Told()) {
    EXPECT_TRUE(std::regex_match(version, std::regex(R"(\d+(\.\d+)*.*)"))) << name << version;
  }
}

TEST(Libraries, EveryLicenceIsDocumented) { EXPECT_EQ(NamesOf(Told()), NamesOf(Documented())); }

TEST(Libraries, EverySharedObjectIsTold) {
  const Finished finished =
      RunToEnd({.argv = {"readelf", "-dW", build_paths::AgentBinary()}, .env = {}, .cwd = {}});
  const Versions told = Told();
  const std::regex needed(R"(\(NEEDED\).*\[(.+?)(-x86-64)?\.so\.?([\d.]*)\])");
  int objects = 0;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, needed)) continue;
    ++objects;
    const std::string object = match[1];
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    if (object.ends_with("san")) continue;
#endif
    ASSERT_TRUE(kSharedObjects.contains(object)) << object << " is of no known library";
    const std::string& library = kSharedObjects.at(object);
    ASSERT_TRUE(told.contains(library)) << library;
    // Where the object's name has a version of two parts, it is the library's.
    const std::string version = match[3];
    if (version.find('.') == std::string::npos) continue;
    EXPECT_THAT(told.at(library), StartsWith(version));
  }
  EXPECT_GE(objects, 5);
}

// Elsewhere the system's libraries are of other versions.
TEST(Libraries, TheDocumentedVersionsAreThoseOfDebian12) {
  std::ifstream file("/etc/os-release");
  std::stringstream system;
  system << file.rdbuf();
  if (system.str().find("VERSION_CODENAME=bookworm") == std::string::npos) return;
  const Versions told = Told();
  for (const auto& [name, version] : Documented()) {
    EXPECT_THAT(told.at(name), StartsWith(version)) << name;
  }
}

}  // namespace
}  // namespace streamgauge::test
