"""The headings by which columns of bars are known, in the languages of exchanges and vendors."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_A_LETTER = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"[(\[（].*?[)\]）]")


def plain(heading: str) -> str:
    """Return a heading without case, accents, spaces, punctuation, brackets, and numbering.

    Examples
    --------
    >>> [plain(h) for h in ("Adj Close**", "<TICKER>", "$close", "1. open", "成交量(股)")]
    ['adjclose', 'ticker', 'close', 'open', '成交量']
    >>> plain("Eröffn.")
    'eroffn'
    """
    bare = unicodedata.normalize("NFKC", heading).strip().casefold()
    bare = re.sub(r"^\d+[a-z]?\.\s*", "", bare)
    bare = _BRACKETS.sub("", bare)
    apart = unicodedata.normalize("NFD", bare)
    bare = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", apart))
    return _NOT_A_LETTER.sub("", bare)


# The most telling heading first; languages after English: Chinese, Japanese, Korean, German,
# French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Russian, Turkish.
_TABLE = {
    "symbol": """
        symbol ticker sym tscode instrument code stockcode secucode seccode securitycode windcode
        swindcode sid ric isin permno actsymbol security asset contract pair product tckrsymb
        instrumentid instid symbolname scripcode sccode figi bbgticker epic mnemonic
        instrumentcode figurecode tradingsymbol issue
        证券代码 股票代码 交易代码 合约代码 标的代码 基金代码 指数代码 代码 交易对 合约 标的 品种
        證券代號 股票代號 代號
        銘柄コード コード 銘柄 종목코드 단축코드 kurzel symbole codeisin simbolo codigo codice ativo
        papel codneg тикер инструмент sembol
        name finginstrmnm scname scripname 股票名称 证券名称 证券简称 股票简称 名称 證券名稱 銘柄名
        종목명 valeur""",
    "date": """
        datetime timestamp ts tsevent gmttime utctime localtime candletime bartime datetimeutc
        日期时间 时间戳 日時 tradingdatetime windowstart unix unixtime unixtimestamp epoch
        date tradedate tradingdate tradingday tradeday tradedt dates day dt t pricedate calendardate
        observationdate trdate datadate quotedate asofdate caldt dlycaldt traddt mktdate
        effectivedate exchangedate dateutc
        日付 日付け 年月日 取引日 交易日期 交易日 日期 成交日期 날짜 일자 datum handelstag tag
        handelsdatum fecha data jour seance дата tarih
        indexlevel0 unnamed0 index""",
    "time": """
        time timeofday tradetime tradingtime tm 交易时间 时间 时刻 時刻 時間 시간 zeit uhrzeit
        heure hora ora godzina время saat""",
    "open_time": """
        opentime starttime barstart candlebegintime start begin startat periodstart startdate
        timeperiodstart 开始时间 开盘时间""",
    "close_time": """
        closetime endtime barend candleendtime end periodend timeperiodend timeclose
        结束时间 收盘时间""",
    "open": """
        open openprice priceopen pxopen openpx openingprice sdqopen o opn opnpric openpric openrate
        openbid bidopen midopen openp dlyopen openprc opnprc opening first
        开盘价 开盘 今开 开 今开盘 開盤價 開盤 始値 시가 eroffnung eroffnungskurs eroffn eroffnet
        eroffnungspreis erster anfang ouverture ouv oouverture apertura primero aper openkoers
        prezzoapertura abertura preabe otwarcie oppningskurs oppning открытие откр
        ценаоткрытия acilis""",
    "high": """
        high highprice pricehigh pxhigh highpx highestprice sdqhigh h hghpric highpric highp bidhigh
        midhigh highbid dlyhigh askhi dayhigh max maximum
        最高价 最高 最高價 高 高値 고가 hoch hochst tageshoch hochstkurs hochster plushaut haut
        phaut maximo massimo prezzomassimo maxima premax hoog najwyzszy hogst hogstkurs
        максимум макс yuksek""",
    "low": """
        low lowprice pricelow pxlow lowpx lowestprice sdqlow l lwpric lowpric lowp bidlow midlow
        lowbid dlylow bidlo daylow min minimum
        最低价 最低 最低價 低 安値 저가 tief tiefst tagestief tiefstkurs tiefster plusbas bas pbas
        minimo prezzominimo minima premin laag najnizszy lagst lagstkurs
        минимум мин dusuk""",
    "close": """
        close closeprice priceclose pxlast pxclose closepx closelast closingprice sdqclose
        clspric closeprc closepric dlyclose dlyprc prc bidclose midclose closebid closep
        closesettle closingprc prccd pricedaily adjustedprice
        收盘价 收盘 收 收盤價 收盤 最新价 終値 종가 현재가 schluss schlusskurs schlussk schlusspreis
        cloture clot cours coursdecloture fermeture cierre cerrado chiusura prezzochiusura
        fechamento slot slotkoers zamkniecie stangningskurs slutkurs закрытие закр ценазакрытия
        kapanis
        last lastprice lastpx lasttradedprice lastpric closinglevel indexvalue
        letzter zuletzt kurs dernier ultimo preult senast ostatnio simdi
        price settle settlement settleprice settlementprice c nav value rate fixing 株価 цена fiyat
        preco precio prezzo prix""",
    "adj_open": "adjopen openadj adjustedopen splitadjustedopen 复权开盘价",
    "adj_high": "adjhigh highadj adjustedhigh 复权最高价",
    "adj_low": "adjlow lowadj adjustedlow 复权最低价",
    "volume": """
        volume vol pxvolume tradedvolume tradevolume totalvolume sdqvolume basevolume v
        tottrdqty sharestraded noofshares totaltradedquantity tradedquantity ttltradgvol qty
        quantity ttltrdqnty totaltradedqty volumebase volumecrypto dlyvol cshtrd dailyvolume
        noofsharestraded totalshares quantitytraded tradingvolume deliveryvolume cumvol totvol
        numberofshares turnoverqty volumetraded volumn
        成交量 总手 交易量 成交股数 成交股數 成交数量 成交數量 出来高 売買高 거래량
        stueck stuecke stucke stuck stuckzahl umsatzstk gehandeltestuck volumen volumes
        nombredetitres titres volumenes cantidad titulos quantita quantidade quatot volumi wolumen
        volym omsattantal
        объем обьем hacim hac aantal""",
    "tick_volume": "tickvol tickvolume ticks",
    "amount": """
        amount quotevolume quoteassetvolume money tradedvalue tradingvalue dollarvolume
        sdqamount pxturnover turnover tottrdval ttltrfval totaltradedvalue nettrdval
        netturnov nettradedvalue turnoverlacs volumequote volccyquote tradevalue notional
        dollarvol valuetraded turnovervalue totaltradevalue netturnover
        成交额 成交金额 成交金額 売買代金 거래대금 umsatz umsatzeuro umsatzineuro
        kapitaux montant efectivo importe controvalore voltot volumefinanceiro obrot
        omsattning omsatt оборот""",
    "vwap": """
        vwap vw pxvwap avgprice averageprice weightedaverageprice sdqavgprice weightedprice
        avgpric avrgpric wap premed wvap
        成交均价 均价 売買高加重平均価格""",
    "factor": "factor",
    "adj_factor": """
        adjfactor adjustfactor adjustmentfactor backadjfactor sdqadjfactor hfqfactor
        后复权因子 复权因子""",
    "adj_close": """
        adjclose adjustedclose closeadj closeadjusted adjustedcloseprice adjclosingprice
        adjcloseprice sdqadjclose dividendadjustedclose adjprice adjc closingpriceadjusted
        后复权收盘价 复权收盘价 前复权收盘价 后复权价 复权价 調整後終値 調整済終値 終値調整値
        bereinigterschluss schlussbereinigt clotureajustee cierreajustado chiusurarettificata
        수정종가""",
    "known_at": """
        knownat availableat publishedat publishtime knowledgetime knowledgedate releasedat""",
}
HEADINGS: Mapping[str, tuple[str, ...]] = {
    canonical: tuple(dict.fromkeys(plain(word) for word in known.split()))
    for canonical, known in _TABLE.items()
}
FIELD_OF: Mapping[str, str] = {
    word: canonical for canonical, known in HEADINGS.items() for word in known
}
"""What a heading means, written as `plain` writes it."""
WORDS = frozenset(FIELD_OF)
TIMES = ("close_time", "open_time", "date", "time")
"""The columns that can say when a bar was; the first that a file has is used."""
