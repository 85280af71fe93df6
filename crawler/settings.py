"""Scrapy settings: politeness, limits, safety. ``scrapy.cfg`` names this module; ``crawler run`` starts from it.

The crawl runs on a plain asyncio loop (``TWISTED_REACTOR_ENABLED = False``), see docs/crawler.md for the
measurement behind the choice.
"""

from __future__ import annotations

import os
from typing import Any

from crawler.identity import CONTACT, user_agent

BOT_NAME = "fazhi-archive"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

USER_AGENT = user_agent(os.environ.get(CONTACT))

TWISTED_REACTOR_ENABLED = False
_HANDLER = "crawler.download.GuardedDownloadHandler"
DOWNLOAD_HANDLERS: dict[str, Any] = {
    "http": _HANDLER,
    "https": _HANDLER,
    # Nothing but http(s) is ever fetched: a redirect or link to file: or data: finds no handler.
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

# One request at a time per host group, a pause between two (facts: 2 s needed on csrc.gov.cn, minute-long bans
# on fujian.gov.cn after bursts). The delay of a site file overrides this through the download slot.
CONCURRENT_REQUESTS = 16
CONCURRENT_ITEMS = 1  # a response gives one item; Scrapy starts a task for each of the default 100
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0
# The jitter may only lengthen a pause: "gaps >= the delay" has to hold (tests/crawler/test_pace.py).
DOWNLOAD_DELAY_JITTER = 0

ROBOTSTXT_OBEY = True
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024  # Scrapy's default of 1 GiB lets one answer fill the memory
DOWNLOAD_WARNSIZE = 0
# What did arrive of a cut answer is kept as evidence and typed cut_short.
DOWNLOAD_FAIL_ON_DATALOSS = False
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the outcome is in the archive and in the table
REDIRECT_MAX_TIMES = 8

COOKIES_ENABLED = True  # some firewalls only ask that a cookie set by a redirect comes back
HTTPCACHE_ENABLED = (
    False  # conditional requests come from the frontier; the RFC2616 policy skipped requests for months
)
TELNETCONSOLE_ENABLED = False
REMOTECONTROL_ENABLED = False
REFERER_ENABLED = False
METAREFRESH_ENABLED = True
METAREFRESH_MAXDELAY = 15  # seconds; a page that leads on after a minute is there to be read

SCHEDULER = "crawler.frontier.FrontierScheduler"
ITEM_PIPELINES = {"crawler.pipeline.ArchivePipeline": 100}
DOWNLOADER_MIDDLEWARES: dict[str, Any] = {
    "crawler.guards.HostGuard": 40,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.guards.Robots": 100,
    "crawler.browser.Rendering": 540,  # over what unpacks and follows: a browser gets the page itself
    "crawler.guards.RetryAfter": 555,  # under RetryMiddleware, which takes over what it sees
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.unpacking.Unpacking": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.moves.Redirects": 600,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.moves.Refreshes": 580,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "crawler.moves.Cookies": 700,
    # The frontier decides what is in scope; the spider reads every status.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
SPIDER_MIDDLEWARES: dict[str, Any] = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
EXTENSIONS: dict[str, Any] = {
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
}

DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}

WARN_ON_GENERATOR_RETURN_VALUE = (
    False  # it reads and compiles our own source in every run, for advice to authors
)

LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"
