"""Scrapy looks for spiders here; there is one."""
