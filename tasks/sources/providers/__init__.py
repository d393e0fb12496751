"""Who brings bars of a period: exchanges by their histories, and libraries; one port for all."""
