#include <gtest/gtest.h>

#include "meterveil/protect/run.hpp"
#include "protect/mint.hpp"
#include "ranks.hpp"

namespace meterveil::protect {
namespace {

/// Three classes of two customers.
model::ReleasedAttributes table() {
    model::ReleasedAttributes made;
    made.attributes = {{"area", model::AttributeKind::quasi}, {"income", model::AttributeKind::sensitive}};
    made.labels = {{"a", "b", "c"}, {"1", "2"}};
    made.codes = {0, 0, 0, 1, 1, 0, 1, 1, 2, 0, 2, 1};
    made.customers = {1, 1, 1, 1, 1, 1};
    made.claims.criteria = {{"k_anonymity", {2}}, {"distinct_l_diversity", {2}}, {"t_closeness", {0.1}}};
    return made;
}

model::AttributeEvidence evidence() {
    model::AttributeEvidence made;
    made.customers = 7;
    made.suppressed = 1;
    return made;
}

Result<> added(par::Comm& comm, Certified& certified, const std::function<void(model::ReleasedAttributes&, model::AttributeEvidence&)>& change) {
    auto attributes = table();
    auto of_them = evidence();
    change(attributes, of_them);
    return add_attributes(comm, certified, std::move(attributes), std::move(of_them));
}

TEST(AddAttributes, PutsThemIntoTheReleaseIfTheirCriteriaHold) {
    testing::on_ranks([](par::Comm& comm) {
        Certified certified{Mint::strike({}, {}, {}, {}, {}), {}};
        EXPECT_FALSE(certified.release.attributes());
        ASSERT_TRUE(added(comm, certified, [](auto&, auto&) {}).ok());
        EXPECT_EQ(*certified.release.attributes(), table());
        EXPECT_EQ(certified.evidence.attributes->suppressed, 1U);
    });
}

TEST(AddAttributes, RefusesOnAllRanksWhatFailsOnOne) {
    using Change = std::function<void(model::ReleasedAttributes&, model::AttributeEvidence&)>;
    const std::vector<Change> breaches = {
        [](auto& t, auto& e) { t.customers[0] = 0; e.suppressed = 2; },
        [](auto& t, auto&) { t.codes[3] = 0; },
        [](auto& t, auto& e) { t.customers[0] = 5; e.customers = 11; },
        [](auto& t, auto&) { t.customers[0] = 2; },  // one more than there are
        [](auto& t, auto&) { t.claims.criteria.clear(); },
        [](auto& t, auto&) { t.claims.criteria[0].name = "k"; },
        [](auto& t, auto& e) { t.customers.clear(); t.codes.clear(); e.suppressed = 7; },
    };
    for (const Change& breach : breaches)
        testing::on_ranks([&](par::Comm& comm) {
            Certified certified{Mint::strike({}, {}, {}, {}, {}), {}};
            const auto outcome = added(comm, certified, [&](auto& t, auto& e) {
                if (comm.rank() == comm.size() - 1) breach(t, e);
            });
            ASSERT_FALSE(outcome.ok());
            EXPECT_EQ(outcome.error().code, Code::privacy);
            EXPECT_FALSE(certified.release.attributes());
        });
}

}  // namespace
}  // namespace meterveil::protect
