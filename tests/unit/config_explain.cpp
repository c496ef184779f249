// Every key that the parser knows is explained, and nothing else is; so is every exit status, rule and preset.
#include "meterveil/config/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "meterveil/config/job.hpp"
#include "meterveil/config/preset.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::config {
namespace {

using ::testing::HasSubstr;

std::set<std::string> names_of(const std::set<std::string>& kinds) {
    std::set<std::string> names;
    for (const Topic& topic : topics())
        if (kinds.contains(topic.kind)) EXPECT_TRUE(names.insert(topic.name).second) << topic.name << " is explained twice";
    return names;
}

std::vector<std::string> found(const std::string& word) {
    std::vector<std::string> names;
    if (const auto topics = explain(word); topics.ok())
        for (const Topic& topic : topics.value()) names.push_back(topic.kind + " " + topic.name);
    return names;
}

TEST(Explain, KnowsEveryKeyThatTheParserKnowsAndNoOther) {
    EXPECT_EQ(names_of({"section", "key"}), job_keys());
    EXPECT_GT(job_keys().size(), 80U);
}

TEST(Explain, KnowsEveryStatusByNameAndNumber) {
    std::set<std::string> names = {"done"};
    for (const Code code : {Code::usage, Code::input, Code::privacy, Code::utility, Code::budget, Code::storage, Code::locked, Code::internal, Code::interrupted}) {
        names.insert(name_of(code));
        EXPECT_EQ(found(std::to_string(exit_status(code))), std::vector<std::string>{std::string("status ") + name_of(code)});
        EXPECT_EQ(explain(name_of(code)).value().back().also, std::to_string(exit_status(code)));
    }
    EXPECT_EQ(names_of({"status"}), names);
}

TEST(Explain, KnowsEveryRuleAndEveryPreset) {
    for (const auto& kind : protect::rule_kinds()) {
        EXPECT_EQ(found(kind.name), (std::vector<std::string>{std::string("key release.rules.") + kind.name, std::string("rule ") + kind.name}));
        EXPECT_THAT(explain(kind.name).value()[1].text, HasSubstr(kind.guarantee));
    }
    for (const Preset& preset : presets()) {
        const auto topic = explain(preset.name).value().at(0);
        for (const auto& text : {preset.citation, preset.warning, "scope = " + preset.terms.scope}) EXPECT_THAT(topic.text, HasSubstr(text));
        for (const auto& statement : statements_of(preset.terms)) EXPECT_THAT(topic.text, HasSubstr(statement));
    }
}

TEST(Explain, TakesAKeyAsPeopleWriteIt) {
    for (const char* word : {"clean.fill", "[clean] fill", "[clean].fill", "fill"}) EXPECT_EQ(found(word), std::vector<std::string>{"key clean.fill"}) << word;
    EXPECT_EQ(found("rules.scope"), std::vector<std::string>{"key release.rules.scope"});
    EXPECT_EQ(found("[[release]] audience"), std::vector<std::string>{"key release.audience"});
    EXPECT_EQ(found("[clean]"), std::vector<std::string>{"section clean"});
    EXPECT_GT(found("path").size(), 3U);  // of several sections
    EXPECT_THAT(explain("min_coverage").value()[0].text, HasSubstr("0.9 by default"));
    EXPECT_EQ(explain("min_coverage").value()[0].type, "number");
    EXPECT_THAT(explain("texts").value()[0].text, HasSubstr("not in this version"));
}

TEST(Explain, NamesTheNearestOfWhatItDoesNotKnow) {
    for (const auto& [word, nearest] : {std::pair("min_coverge", "min_coverage"), std::pair("il-15-51", "il-15-15"), std::pair("privcy", "privacy"), std::pair("rules.scop", "rules.scope")}) {
        const auto outcome = explain(word);
        ASSERT_FALSE(outcome.ok()) << word;
        EXPECT_EQ(outcome.error().code, Code::usage);
        EXPECT_THAT(outcome.error().what, HasSubstr(std::string("did you mean '") + nearest));
    }
    EXPECT_FALSE(explain("").ok());
    EXPECT_FALSE(explain("[]").ok());
    EXPECT_FALSE(explain("9").ok());
}

}  // namespace
}  // namespace meterveil::config
