// Every text of the page, in English and Chinese.

const TEXTS = {
  now: ["Now", "此刻"], studies: ["Studies & runs", "研究与运行"], patterns: ["Patterns", "模式"],
  research: ["Research", "提问"], factors: ["Factors", "因子"], gate: ["Gate", "准入"], system: ["System", "系统"],
  skip: ["Skip to content", "跳到正文"], pages: ["Pages", "页面"], live: ["live", "实时"],
  connecting: ["connecting", "连接中"], broken: ["line broken, trying again", "连接中断，正在重试"],
  theme: ["Theme", "主题"], auto: ["auto", "自动"], light: ["light", "浅色"], dark: ["dark", "深色"],
  loading: ["Reading …", "读取中……"], details: ["Details", "详情"], all: ["all", "全部"], none: ["none", "无"],

  underway: ["Under way", "进行中"], nothing_runs: ["Nothing runs.", "没有正在进行的运行。"], start_one: ["Start a study", "开始一项研究"],
  newest_patterns: ["Newest patterns", "最新模式"], opportunities: ["Opportunities", "机会"],
  no_opportunities: ["None: no strategy at paper or live has a signal that counts now.", "无：模拟盘或实盘策略目前没有有效信号。"],
  alerts: ["Alerts", "告警"], no_alerts: ["Nothing is wrong.", "一切正常。"], recent_runs: ["Newest runs", "最新运行"],
  signals: ["Signals", "信号"], no_signals: ["No signal has left yet.", "尚无信号发出。"],
  no_runs: ["No run yet. Begin with `qraft demo`, or start a study here.", "尚无运行。可执行 `qraft demo`，或在此开始一项研究。"],
  none_stands_out: ["{0} patterns of {1} alarms stand out from what null data bring. The newest alarms that were withheld:", "{1} 个警报中有 {0} 个模式显著区别于零假设数据。最新被扣留的警报："],
  withheld: ["withheld", "已扣留"], kept: ["kept", "保留"], market: ["market", "全市场"], dead_letters: ["dead letters", "死信"],
  failing: ["runs of {0} failed in a row", "{0} 的运行连续失败"], mend: ["mend", "修复"], wrong: ["wrong", "错误"], note: ["note", "提示"], ok: ["ok", "正常"],

  study: ["Study", "研究"], run: ["Run", "运行"], runs: ["Runs", "运行"], symbols: ["Symbols", "标的数"], symbol: ["Symbol", "标的"],
  from: ["From", "起"], to: ["To", "止"], annual_return: ["Return", "年化收益"], sharpe: ["Sharpe", "夏普"], max_drawdown: ["Drawdown", "最大回撤"],
  annual_turnover: ["Turnover", "年换手"], ic_mean: ["IC", "IC"], stage: ["Stage", "阶段"], tried: ["Tried", "运行时间"], compare: ["Compare", "比较"],
  compare_hint: ["Choose two to eight runs.", "选择两到八个运行。"], figure: ["Figure", "指标"], value: ["Value", "数值"], unit: ["Unit", "单位"],
  all_studies: ["Studies", "研究"], plan_here: ["Once the text is a TaskSpec, its plan is shown here; what is wrong is shown at its line.", "文本成为有效的 TaskSpec 后在此显示计划；错误会标在相应的行。"],
  editor: ["TaskSpec", "TaskSpec"], load: ["Load a study", "载入研究"], choose: ["choose …", "选择……"], plan: ["Plan", "计划"], start: ["Run", "运行"],
  ctrl_enter: ["Ctrl+Enter plans", "Ctrl+Enter 生成计划"], line_n: ["line {0}", "第 {0} 行"], valid: ["Valid: run {0}", "有效：运行 {0}"], started: ["Started", "已启动"],
  features: ["Features", "特征"], expression: ["Expression", "表达式"], history: ["History", "历史"], rows: ["rows", "行"],
  to_compute: ["to compute", "待计算"], done: ["done", "完成"], running: ["running", "运行中"], waiting: ["waiting", "等待"], failed: ["failed", "失败"],
  cancelled: ["cancelled", "已取消"], crashed: ["crashed", "崩溃"], found_done: ["found done", "已有结果"], cancel: ["Cancel", "取消"], stages: ["Stages", "阶段"],
  figures: ["Figures", "指标"], report: ["Report", "报告"], show_report: ["Show the report", "显示报告"], open_apart: ["Open apart", "单独打开"], lineage: ["Lineage", "血缘"], data_health: ["Data health", "数据健康"],
  happened: ["What happened", "经过"], see_run: ["See the run", "查看运行"], rule: ["Rule", "规则"], count: ["Count", "数量"], action: ["Action", "处理"], meaning: ["Meaning", "含义"],
  state: ["State", "状态"], key: ["Key", "键"], reads: ["Reads", "输入"], description: ["Description", "说明"], woken_by: ["Woken by", "触发"], no_started: ["No run was started from here.", "尚未从此处启动运行。"],

  filters: ["Filters", "筛选"], type: ["Type", "类型"], detector: ["Detector", "检测器"], time: ["Time", "时间"], confidence: ["Confidence", "置信度"],
  watched: ["Watched", "监测"], show_withheld: ["withheld alarms instead", "改看被扣留的警报"], more: ["More", "更多"], nothing_fits: ["Nothing fits.", "没有符合条件的结果。"],
  drift: ["drift", "漂移"], anomaly: ["anomaly", "异常"], cluster_change: ["cluster change", "簇变化"], before_after: ["Before and after", "前与后"],
  before: ["Before", "之前"], after: ["After", "之后"], contributors: ["Contributors", "贡献"], calibration: ["Calibration", "校准"], feedback: ["Feedback", "反馈"],
  useful: ["Useful", "有用"], useless: ["Useless", "无用"], undecided: ["Undecided", "未定"], comment: ["Comment", "评论"], send: ["Send", "发送"], sent: ["Kept on the ledger.", "已记入账本。"],
  by: ["By", "评价人"], no_feedback: ["Nobody has rated it yet.", "尚无评价。"], explain: ["Explain", "解释"], p_value: ["p-value", "p 值"], false_alarms: ["False alarms in 1,000 bars", "每千根误报"],
  at_most: ["at most", "至多"], alarms: ["Alarms", "警报"], planted: ["Planted", "植入"], noticed: ["Noticed", "发现"], power: ["Power", "检出率"], delay: ["Delay, bars", "延迟（根）"], size: ["Size, std", "幅度（标准差）"],
  similar: ["Others of this detector", "同一检测器的其他警报"], metrics: ["Metrics", "度量"], bars_shown: ["Bars shown", "显示根数"], null_data: ["null bars", "零假设根数"],
  not_a_pattern: ["An alarm that does not stand out from what null data bring: not a pattern.", "该警报未显著区别于零假设数据，不是模式。"],

  ask: ["Ask", "提问"], ask_hint: ["Does momentum survive drift in American shares?", "美股动量策略能否经受漂移？"], sentence: ["What do you want to know?", "您想知道什么？"],
  became: ["What each word became", "每个词的含义"], defaults: ["Defaults ({0})", "默认值（{0}）"], words: ["Words", "词语"], questions: ["Open questions", "待回答的问题"],
  base: ["Made from", "基于"], into_editor: ["Take into the editor", "放入编辑器"], about: ["About", "对象"], about_hint: ["last, a run, a pattern, a study, or a question", "last、运行、模式、研究或问题"], rows_behind: ["Rows behind it", "所依据的行"],
  table: ["Table", "表"], column: ["Column", "列"], shown: ["Shown", "显示"], reference: ["Reference", "引用"], no_words: ["None of its words changed a default.", "没有词语改变默认值。"], answer_first: ["Answer these in the sentence, then ask again.", "请在句中回答这些问题后重新提问。"],

  strategy: ["Strategy", "策略"], strategies: ["Strategies", "策略"], next_step: ["Next step", "下一步"], checks: ["Checks", "检查"], passed: ["passed", "通过"], advice: ["advice", "建议"], bound: ["Bound", "界限"], needs: ["What the next step needs", "下一步所需"],
  nothing_needed: ["Nothing more: a person may approve it.", "无：可由人批准。"], command: ["The command to type", "要输入的命令"], copy: ["Copy", "复制"], copied: ["Copied", "已复制"], read_only: ["Read only: a person decides at a terminal.", "只读：由人在终端决定。"],
  approvals: ["Approvals", "批准"], expires: ["Expires", "到期"], counts: ["counts", "有效"], ledger: ["Ledger", "账本"], kind: ["Kind", "种类"], actor: ["Actor", "行为人"], proposals: ["Proposals", "提交"], trials: ["Trials", "试验"], no_strategies: ["Nothing was proposed yet.", "尚无提交。"], halted: ["Everything is halted.", "一切已停止。"],

  processes: ["Processes", "进程"], no_processes: ["No process of this workspace runs.", "此工作区没有进程在运行。"], events: ["Events", "事件"], logs: ["Log", "日志"], begin: ["Show as it happens", "实时显示"], end: ["Stop", "停止"], logs_off: ["Off until it is asked for.", "按需开启。"],
  health: ["Health", "健康"], schedule: ["Schedule", "日程"], no_schedule: ["No study has a schedule.", "没有定时研究。"], next: ["Next", "下次"], untold: ["to be told", "待通知"], listeners: ["listeners", "监听者"], reason: ["Reason", "原因"], found: ["Found", "结果"], what: ["What", "项目"], event: ["Event", "事件"], level: ["Level", "级别"], head: ["ledger entries", "账本条目"], no_inbox: ["Nothing keeps events yet.", "尚无事件存储。"], no_dead: ["No dead letters.", "没有死信。"],

  factor: ["Factor", "因子"], quantiles: ["What followed, by quantile", "分位数后续收益"], groups: ["Groups", "分组"], mean_return: ["Mean return", "平均收益"], quantile: ["Quantile", "分位"], ic_series: ["Rank IC of the signal", "信号的秩 IC"], rolling: ["rolling mean of {0}", "{0} 期滚动均值"], cumulative: ["cumulative", "累计"], rank_ic: ["Mean rank IC", "平均秩 IC"], times: ["decisions", "决策次数"], describes: ["Describes what was seen, before costs; it is no test.", "仅描述所见，未计成本，并非检验。"],
  score: ["Score", "得分"], agreement: ["Agreement", "一致性"], valid_until: ["Valid until", "有效至"], who: ["Who says so", "来源"], number: ["No.", "编号"], held_back: ["held back", "被扣留"], published: ["Published", "发出"],
  gone: ["There is no such page.", "没有这个页面。"], opens: ["open", "开"], high: ["high", "高"], low: ["low", "低"], close: ["close", "收"],
};

let chosen = remembered("qraft.language") || (navigator.language.startsWith("zh") ? "zh" : "en");

export function remembered(name) { try { return localStorage.getItem(name); } catch { return null; } }
export function remember(name, value) { try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ } }
export function language() { return chosen; }
export function speak(next) { chosen = next; remember("qraft.language", next); document.documentElement.lang = next; }
export function t(key, ...given) {
  const said = Object.hasOwn(TEXTS, key) ? TEXTS[key][chosen === "zh" ? 1 : 0] : key;
  return given.reduce((text, value, at) => text.replaceAll(`{${at}}`, value), said);
}
export { TEXTS };
