# reject: unknown-pin
source [file join [file dirname [info script]] cells.tcl]
connect_bd_net {*}[pins ps/emio_gpio_o reset/aux_reset_in]
