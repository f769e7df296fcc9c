# reject: order
create_project -force small project -part xczu7ev-ffvc1156-2-e
create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect s
