"""What every process of a storm has loaded when it starts: hundreds of them would load the dictionary each."""

from archive.search_tokens import tokens
from tests.archive.storms import reader, writer

__all__ = ["reader", "writer"]

tokens("法治政府建设年度报告")
