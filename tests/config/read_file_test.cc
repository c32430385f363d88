#include "config/read_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace streamgauge {
namespace {

TEST(ReadFile, GivesTheWholeOfAFileAndNothingOfAnEmptyOne) {
  const test::TempDir folder;
  const std::string large(100'000, 'x');
  EXPECT_EQ(ReadFile(folder.Write("large", large)), large);
  EXPECT_EQ(ReadFile(folder.Write("empty", "")), "");
  std::filesystem::create_symlink("large", folder.path() / "link");
  EXPECT_EQ(ReadFile(folder.path() / "link"), large) << "as Kubernetes mounts a Secret";
}

// A stalled read of the configuration keeps the agent from its signals, one of the web
// configuration keeps requests from their answers.
TEST(ReadFile, DoesNotWaitForAPipeThatNobodyWritesTo) {
  const test::TempDir folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(pipe).error(), "it is no regular file");
}

TEST(ReadFile, RefusesWhatHasNoEnd) {
  EXPECT_EQ(ReadFile("/dev/zero").error(), "it is no regular file");
}

TEST(ReadFile, RefusesWhatIsLargerThanAnyConfiguration) {
  const test::TempDir folder;
  const auto file = folder.Write("huge", "");
  std::filesystem::resize_file(file, std::uintmax_t{1} << 40);  // a hole
  EXPECT_EQ(ReadFile(file).error(), "it is larger than 16 MiB");
}

TEST(ReadFile, SaysWhyAFileCannotBeRead) {
  const test::TempDir folder;
  EXPECT_EQ(ReadFile(folder.path()).error(), "it is a directory");
  EXPECT_EQ(ReadFile(folder.path() / "absent").error(), "No such file or directory");
}

}  // namespace
}  // namespace streamgauge
