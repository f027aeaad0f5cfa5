"""HTTP: intake, the admin API, the console; and the processes that stand behind them."""
