"""All calls: the router, /openapi.json, /docs and the metrics' labels are made from this table.

A new call is a file here, with its parameters, answer, handler and ROUTE, and a line below.
"""

from serving.routes import (
    demand,
    erase,
    events,
    explain,
    health,
    item_map,
    pages,
    rank,
    recommendations,
    scores,
    similar,
    trending,
    users,
)

ROUTES = (
    recommendations.ROUTE,
    scores.ROUTE,
    users.ROUTE,
    erase.ROUTE,
    rank.ROUTE,
    explain.ROUTE,
    similar.ROUTE,
    trending.ROUTE,
    demand.ROUTE,
    item_map.ROUTE,
    events.ROUTE,
    health.HEALTH,
    health.READY,
    health.METRICS,
    pages.OPENAPI,
    pages.DOCS,
    pages.DASHBOARD,
)
