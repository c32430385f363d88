#include "config/config_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace streamgauge {
namespace {

TEST(ConfigWatchTest, AChangeIsToldOnceAndOnlyWhenTheFileRests) {
  const test::TempDir folder;
  const auto file = folder.Write("agent.yml", "one");
  ConfigWatch watch(file, "one");
  EXPECT_FALSE(watch.Changed());
  folder.Write("agent.yml", "tw");
  EXPECT_FALSE(watch.Changed()) << "somebody may be writing it";
  folder.Write("agent.yml", "two");
  EXPECT_FALSE(watch.Changed()) << "and has gone on";
  EXPECT_TRUE(watch.Changed());
  EXPECT_FALSE(watch.Changed()) << "it is no news any more";
}

TEST(ConfigWatchTest, ATouchedFileOfTheSameContentHasNotChanged) {
  const test::TempDir folder;
  const auto file = folder.Write("agent.yml", "one");
  ConfigWatch watch(file, "one");
  folder.Write("agent.yml", "one");
  EXPECT_FALSE(watch.Changed());
  EXPECT_FALSE(watch.Changed());
}

TEST(ConfigWatchTest, AMissingFileIsProbablyBeingReplaced) {
  const test::TempDir folder;
  const auto file = folder.Write("agent.yml", "one");
  ConfigWatch watch(file, "one");
  std::filesystem::remove(file);
  EXPECT_FALSE(watch.Changed());
  EXPECT_FALSE(watch.Changed());
  folder.Write("agent.yml", "two");
  EXPECT_FALSE(watch.Changed());
  EXPECT_TRUE(watch.Changed());
}

TEST(ConfigWatchTest, WhatWasReloadedByHandIsNoNews) {
  const test::TempDir folder;
  const auto file = folder.Write("agent.yml", "one");
  ConfigWatch watch(file, "one");
  folder.Write("agent.yml", "two");
  watch.Seen("two");
  EXPECT_FALSE(watch.Changed());
  EXPECT_FALSE(watch.Changed());
}

TEST(ConfigWatchTest, KubernetesSwapsALinkTwoFoldersUp) {
  const test::TempDir folder;
  const auto& root = folder.path();
  std::filesystem::create_directories(root / "..one");
  std::filesystem::create_directories(root / "..two");
  folder.Write("..one/agent.yml", "one");
  folder.Write("..two/agent.yml", "two");
  std::filesystem::create_directory_symlink("..one", root / "..data");
  std::filesystem::create_symlink("..data/agent.yml", root / "agent.yml");
  ConfigWatch watch(root / "agent.yml", "one");
  EXPECT_FALSE(watch.Changed());
  std::filesystem::create_directory_symlink("..two", root / "..data_tmp");
  std::filesystem::rename(root / "..data_tmp", root / "..data");
  EXPECT_FALSE(watch.Changed());
  EXPECT_TRUE(watch.Changed());
}

}  // namespace
}  // namespace streamgauge
