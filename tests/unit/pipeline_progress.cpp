#include "meterveil/pipeline/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

namespace meterveil::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What a progress of this mode says on stderr while `work` drives it.
std::string said(ProgressMode mode, bool speaks, const std::function<void(Progress&)>& work) {
    ::testing::internal::CaptureStderr();
    {
        Progress progress(mode, speaks);
        work(progress);
    }
    return ::testing::internal::GetCapturedStderr();
}

void a_stage_in_steps(Progress& progress) {
    progress.begin("ingest");
    for (int i = 0; i <= 1000; ++i) progress.update(i / 1000.0);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

TEST(Progress, EveryModeHasItsWord) {
    EXPECT_EQ(parse_progress("auto").value(), ProgressMode::automatic);
    EXPECT_EQ(parse_progress("bar").value(), ProgressMode::bar);
    EXPECT_EQ(parse_progress("plain").value(), ProgressMode::plain);
    EXPECT_EQ(parse_progress("json").value(), ProgressMode::json);
    EXPECT_EQ(parse_progress("off").value(), ProgressMode::off);
}

TEST(Progress, AnotherWordIsRefusedWithTheNearest) {
    const auto outcome = parse_progress("plian");
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::usage);
    EXPECT_EQ(outcome.error().where, "--progress");
    EXPECT_THAT(outcome.error().what, HasSubstr("plain"));
}

TEST(Progress, PlainSaysALineForEveryTwentiethPart) {
    const auto lines = lines_of(said(ProgressMode::plain, true, a_stage_in_steps));
    ASSERT_GE(lines.size(), 20U);
    EXPECT_LE(lines.size(), 22U);
    EXPECT_THAT(lines.front(), HasSubstr("ingest: 0 %"));
    EXPECT_THAT(lines.back(), HasSubstr("ingest: 100 %"));
}

TEST(Progress, TheEndOfAStageIsAlwaysSaidAndOnce) {
    const auto lines = lines_of(said(ProgressMode::plain, true, [](Progress& progress) {
        progress.begin("ingest");
        progress.update(0.97);
        progress.update(1);
        progress.update(1);
        progress.update(5);
    }));
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_THAT(lines[2], HasSubstr("100 %"));
}

TEST(Progress, JsonSaysOneObjectALine) {
    std::vector<double> percents;
    const std::string text = said(ProgressMode::json, true, [](Progress& progress) {
        progress.begin("ingest");
        progress.update(0.5);
        progress.update(std::nan(""));
        progress.begin("publish");
        progress.update(1);
    });
    std::vector<std::string> stages;
    for (const std::string& line : lines_of(text)) {
        const auto object = nlohmann::json::parse(line);
        stages.push_back(object.at("stage"));
        percents.push_back(object.at("percent"));
        EXPECT_GE(object.at("seconds").get<double>(), 0);
    }
    EXPECT_THAT(stages, ElementsAre("ingest", "ingest", "publish", "publish"));
    EXPECT_THAT(percents, ElementsAre(0, 50, 0, 100));
}

TEST(Progress, ABarIsDrawnOverItselfAndEndsItsLine) {
    const std::string text = said(ProgressMode::bar, true, a_stage_in_steps);
    EXPECT_THAT(text, HasSubstr("\ringest     [..............................]   0 %"));
    EXPECT_THAT(text, HasSubstr("\ringest     [##############################] 100 %"));
    EXPECT_EQ(text.back(), '\n');
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(Progress, AutomaticIsPlainWhereThereIsNoTerminal) {
    EXPECT_EQ(lines_of(said(ProgressMode::automatic, true, a_stage_in_steps)).size(), lines_of(said(ProgressMode::plain, true, a_stage_in_steps)).size());
}

TEST(Progress, OffAndEveryRankButTheFirstAreSilent) {
    EXPECT_EQ(said(ProgressMode::off, true, a_stage_in_steps), "");
    for (const auto mode : {ProgressMode::automatic, ProgressMode::bar, ProgressMode::plain, ProgressMode::json}) EXPECT_EQ(said(mode, false, a_stage_in_steps), "");
}

}  // namespace
}  // namespace meterveil::pipeline
