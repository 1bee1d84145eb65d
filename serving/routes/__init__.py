"""All calls, as data: the router, /openapi.json, /docs and the metrics' labels are made from this table."""

from serving import answers, examples
from serving.routes import events, health, pages, rank, recommendations, scores, similar, trending, users
from serving.routing import Route

JSON, HTML, TEXT = "application/json", "text/html", "text/plain"
USER, ITEM = "/v1/users/{user_id}", "/v1/items/{item_id}"

ROUTES = (
    Route(
        "GET",
        f"{USER}/recommendations",
        recommendations.recommendations,
        answers.Recommendations,
        query=recommendations.RecommendationsQuery,
        example=examples.RECOMMENDATIONS,
    ),
    Route(
        "GET",
        f"{USER}/scores",
        scores.scores,
        answers.Ranked,
        query=scores.ScoresQuery,
        example=examples.SCORES,
    ),
    Route("GET", USER, users.user, answers.Shopper, example=examples.SHOPPER),
    Route(
        "POST",
        "/v1/rank",
        rank.rank_items,
        answers.Ranked,
        query=rank.RankQuery,
        takes=rank.RankBody,
        example=examples.RANKED,
    ),
    Route(
        "GET",
        f"{ITEM}/similar",
        similar.similar,
        answers.Similar,
        query=similar.SimilarQuery,
        example=examples.SIMILAR,
    ),
    Route(
        "GET",
        "/v1/trending",
        trending.trending,
        answers.TrendingItems,
        query=trending.TrendingQuery,
        example=examples.TRENDING,
    ),
    Route(
        "POST",
        "/v1/events",
        events.events,
        answers.Accepted,
        takes=events.PostedEvent | list[events.PostedEvent],
        status=202,
        example=examples.ACCEPTED,
    ),
    Route("GET", "/healthz", health.health, answers.Health, example=answers.Health()),
    Route("GET", "/readyz", health.ready, answers.Ready, example=answers.Ready("ready", "none")),
    Route("GET", "/metrics", health.metrics, TEXT),
    Route("GET", "/openapi.json", pages.openapi, JSON),
    Route("GET", "/docs", pages.docs, HTML),
    Route("GET", "/", pages.dashboard, HTML),
)
