// The copy of p that a lane of the V unit owns: a bank of LUTRAM for each lane of U, all written by one token, one
// read a cycle by (bank, slot). Two models side by side. One register.
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module p_copy #(parameter BANKS = 13, parameter SLOTS = 16, parameter P = 10) (
  input clk,
  input write,
  input [3:0] write_slot,
  input [2*P*BANKS-1:0] token,
  input [3:0] bank,
  input [3:0] slot,
  output reg [2*P-1:0] p
);
`ifdef SEEDED_P_COPY  // a bank number of 3 bits
  wire [3:0] chosen = {1'b0, bank[2:0]};
`else
  wire [3:0] chosen = bank;
`endif
  wire [32*P-1:0] columns;  // bit after bit of all banks
  genvar b, i;
  generate
    for (b = 0; b < 16; b = b + 1) begin : banks
      wire [2*P-1:0] word;
      if (b < BANKS) begin : memory
        (* ram_style = "distributed" *) reg [2*P-1:0] words [0:SLOTS-1];
        always @(posedge clk) if (write) words[write_slot] <= token[2*P*b +: 2*P];
        assign word = words[slot];
      end else begin : absent
        assign word = {2*P{1'b0}};
      end
      for (i = 0; i < 2*P; i = i + 1) begin : bits
        assign columns[16*i + b] = word[i];
      end
    end
    for (i = 0; i < 2*P; i = i + 1) begin : chosen_bits
      wire [15:0] column = columns[16*i +: 16];
      always @(posedge clk) p[i] <= column[chosen];
    end
  endgenerate
endmodule
